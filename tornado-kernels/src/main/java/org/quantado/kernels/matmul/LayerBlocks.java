package org.quantado.kernels.matmul;

import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Which block of a stacked weight a layer has, where layers lie one below the other and the number of the layer is read on
 * the device: its first element is what {@code layer} holds.
 */
public final class LayerBlocks {
    private LayerBlocks() {
    }

    /**
     * Adds the task that lets every block of rows meet the block of the layer.
     *
     * @param rows of a block
     * @param capacity most rows
     * @param layer one element, on the device
     */
    public static RowBlocks addTo(LayerGraph graph, String task, int rows, int capacity, IntArray layer) {
        IntArray blocks = new IntArray(Math.ceilDiv(capacity, rows));
        graph.task(TaskPackage.createPackage(task, LayerBlocks::fill, layer, blocks), blocks.getSize(), 1);
        return new RowBlocks(rows, blocks);
    }

    private static void fill(IntArray layer, IntArray blocks) {
        for (@Parallel int i = 0; i < blocks.getSize(); i++) {
            blocks.set(i, layer.get(0));
        }
    }
}
