package org.quantado.kernels.attention;

import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Keys and values of all layers, sequences and positions: {@code [layers, sequences, kvHeads, positions, size]}, in the
 * layout of a flavour of the kernels.
 *
 * <p>It is allocated once, and stays on the device: its {@link #arrays} must be brought there by a graph that
 * {@linkplain #touch touches} them.
 */
public interface KvCache {
    /**
     * A cache of zeros.
     *
     * @throws org.quantado.kernels.engine.DeviceException if one array of it would be larger than the device allocates, or
     *     all of it than its memory
     */
    static KvCache allocate(KvShape shape, KvFormat format) {
        FloatArray ones = new FloatArray(Math.multiplyExact(2, shape.layers()));
        ones.init(1);
        return allocate(shape, format, ones);
    }

    /**
     * A cache of zeros with the kernels of the device's flavour.
     *
     * @param scales {@code [2, L]}, of the keys of each layer and then of the values of each
     */
    static KvCache allocate(KvShape shape, KvFormat format, FloatArray scales) {
        return allocate(shape, format, scales, FlavourChoice.forDevice().flavour());
    }

    /**
     * A cache of zeros whose elements are divided by scales, for {@link KvFormat#E4M3}.
     *
     * @param scales {@code [2, L]}, of the keys of each layer and then of the values of each
     * @param flavour of the kernels, where it has some for such heads; else they are portable
     */
    static KvCache allocate(KvShape shape, KvFormat format, FloatArray scales, Flavour flavour) {
        if (scales.getSize() != 2 * shape.layers()) {
            throw new IllegalArgumentException(
                    scales.getSize() + " scales of keys and values for " + shape.layers() + " layers");
        }
        shape.requireFit(format, 0);
        return flavour == Flavour.CPU && CpuKvCache.holds(shape, format)
                ? CpuKvCache.allocate(shape, scales)
                : PlainKvCache.allocate(shape, format, scales, flavour);
    }

    KvShape shape();

    KvFormat format();

    /** What stays on the device. */
    Object[] arrays();

    /** Adds a task that reads each of {@link #arrays}, so that a graph can keep them on the device. */
    void touch(LayerGraph graph, String task);

    /**
     * Adds the tasks that put keys and values where their rows stand.
     *
     * @param task prefix of the tasks' names
     * @param keys after rope
     * @param layer one element, on the device
     */
    void append(LayerGraph graph, String task, Heads keys, Heads values, SequenceRows rows, IntArray layer);

    /**
     * Adds the tasks of {@link Attention#addTo}, for heads that fit.
     *
     * @param task prefix of the tasks' names
     */
    void attend(LayerGraph graph, String task, Attention attention, Heads queries, SequenceRows rows, IntArray layer,
            Heads y);
}
