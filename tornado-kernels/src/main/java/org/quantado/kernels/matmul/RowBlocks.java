package org.quantado.kernels.matmul;

import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Rows of x in blocks, each of which is multiplied with one block of a weight.
 *
 * @param rows of a block, the last of which need not be full
 * @param weightBlocks for each block of rows, beginning with the first, the block of the weight; on the device
 * @param runs {@code [3L + 1]}, where blocks need not be full: the first row of each of the L blocks of the weight that
 *     rows may meet, then the end of all, then how many rows each has, then how many its blocks have; on the device
 */
public record RowBlocks(int rows, IntArray weightBlocks, Optional<IntArray> runs) {
    /** Blocks all of whose rows count. */
    public RowBlocks(int rows, IntArray weightBlocks) {
        this(rows, weightBlocks, Optional.empty());
    }

    /** Blocks of up to {@code capacity} rows that all meet the only block of a weight. */
    public static RowBlocks ofOneWeight(LayerGraph graph, int rows, int capacity) {
        IntArray onlyBlock = new IntArray(Math.ceilDiv(capacity, rows));
        graph.constants(onlyBlock);
        return new RowBlocks(rows, onlyBlock);
    }

    /** Single rows, up to {@code capacity}, that all meet the block of a weight that belongs to the layer. */
    public static RowBlocks ofLayer(LayerGraph graph, String task, LayerNumber layer, int capacity) {
        if (layer.layers() == 1) {
            return ofOneWeight(graph, 1, capacity);
        }
        return capacity == 1
                ? new RowBlocks(1, layer.number())
                : LayerBlocks.addTo(graph, task, 1, capacity, layer.number());
    }

    /** Blocks of so many rows, for rows that all meet the same block of a weight. */
    public RowBlocks withRows(int rowsOfBlock) {
        return new RowBlocks(rowsOfBlock, weightBlocks, runs);
    }
}
