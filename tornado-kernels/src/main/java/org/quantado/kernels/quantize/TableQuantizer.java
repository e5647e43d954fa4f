package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.TableOf16;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The nearest of the values of a table, with the largest magnitude of a group as its scale.
 *
 * <p>Source: bitsandbytes, {@code quantize_blockwise}: values are multiplied by one over the scale.
 *
 * @param table in the order of its values
 * @param groupSize neighbours that share a scale, the last ones perhaps fewer
 */
public record TableQuantizer(TableOf16 table, int groupSize) implements Quantizer {
    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        int groups = Math.ceilDiv(x.width(), groupSize);
        IntArray groupCount = IntArray.fromElements(groups);
        FloatArray factors = new FloatArray(x.capacity() * groups);
        FloatArray scales = new FloatArray(x.capacity() * groups);
        graph.constants(groupCount);
        graph.task(TaskPackage.createPackage(stage + "Scales", GroupScales::dividedAbsMax, x.values(), x.shape(),
                groupCount, factors, scales, x.width(), groupSize, 1.0f, 0.0f), groups, x.capacity());
        return new GroupCodes(groupSize, new IntArray(1), factors, scales, GroupCodes.Scaling.MULTIPLY)
                .addTable(graph, stage, x, table, keepCodes);
    }
}
