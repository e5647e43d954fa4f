package org.quantado.kernels.attention;

import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What splits of the positions give for each query.
 *
 * @param splits how many
 * @param values {@code [M, heads, splits, size + 2]}: the sum of {@code exp(score - top) * value}, the largest score top, and
 *     the sum of {@code exp(score - top)}
 */
record PartialSums(int splits, FloatArray values) {
    static PartialSums allocate(int capacity, int heads, int splits, int size) {
        int parts = Math.multiplyExact(Math.multiplyExact(capacity, heads), splits);
        return new PartialSums(splits, new FloatArray(Math.multiplyExact(parts, size + 2)));
    }

    /** Adds the task that puts the splits together, in their order. */
    void addJoin(LayerGraph graph, String task, Attention attention, FloatArray scales, IntArray layer, Heads y) {
        IntArray to = y.layout();
        IntArray sizes = IntArray.fromElements(splits, scales.getSize() / 2);
        graph.constants(to, sizes);
        FloatArray sinks = attention.sinks().orElse(scales);
        graph.task(TaskPackage.createPackage(task, AttentionKernels::join, values, sinks, scales, layer,
                y.rows().shape(), sizes, y.rows().values(), to, attention.sinks().isPresent() ? 1 : 0),
                y.count() * y.size(), y.rows().capacity());
    }
}
