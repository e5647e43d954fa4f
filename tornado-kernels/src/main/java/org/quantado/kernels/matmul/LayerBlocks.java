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
        return new RowBlocks(rows, numbers(graph, task, Math.ceilDiv(capacity, rows), 1, 0, layer));
    }

    /**
     * Adds the task that numbers the experts of the layer: {@code layer * experts + expert}.
     *
     * @param layer one element, on the device
     * @return {@code [experts]}
     */
    public static IntArray addExperts(LayerGraph graph, String task, int experts, IntArray layer) {
        return numbers(graph, task, experts, experts, 1, layer);
    }

    private static IntArray numbers(LayerGraph graph, String task, int size, int perLayer, int step, IntArray layer) {
        IntArray numbers = new IntArray(size);
        graph.task(TaskPackage.createPackage(task, LayerBlocks::number, layer, numbers, perLayer, step), size, 1);
        return numbers;
    }

    /** {@code numbers[i] = layer * perLayer + i * step}. */
    private static void number(IntArray layer, IntArray numbers, int perLayer, int step) {
        for (@Parallel int i = 0; i < numbers.getSize(); i++) {
            numbers.set(i, layer.get(0) * perLayer + i * step);
        }
    }
}
