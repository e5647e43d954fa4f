package org.quantado.kernels.quantize;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A way to quantize rows on the device: a scale rule, a format and a group size. Immutable and shareable. */
public interface Quantizer {
    /**
     * Adds the tasks that quantize x to a graph.
     *
     * @param graph has x on the device, or makes it
     * @param stage prefix of the tasks' names, unique in the graph
     * @param x {@code [M, K]}
     * @param keepCodes whether the codes are wanted, not only the values they stand for
     * @throws IllegalArgumentException if groups do not divide K
     */
    Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes);

    /**
     * As {@link #addTo(LayerGraph, String, Rows, boolean)}, for rows that meet several blocks of a weight: where each has a
     * calibration of its own, that is used.
     *
     * @param blocks for each block of rows the block of the weight, on the device
     */
    default Quantized addTo(LayerGraph graph, String stage, Rows x, IntArray blocks, int rowsPerBlock) {
        return addTo(graph, stage, x, false);
    }
}
