package org.quantado.kernels.logits;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The rows of a batch whose logits are wanted: of each sequence the last. */
public final class LastRows {
    private LastRows() {
    }

    /**
     * Adds {@code y[i] = x[chosen[i]]}.
     *
     * @param x {@code [M, H]}
     * @param chosen {@code [S]}, on the device; numbers of rows that there are
     * @param y {@code [S, H]}; its shape says how many rows there are, on the device
     */
    public static void addTo(LayerGraph graph, String task, Rows x, IntArray chosen, Rows y) {
        if (x.width() != y.width()) {
            throw new IllegalArgumentException("rows of " + x.width() + " for rows of " + y.width());
        }
        graph.task(TaskPackage.createPackage(task, LastRows::choose, x.values(), chosen, y.shape(), y.values()),
                y.width(),
                y.capacity());
    }

    private static void choose(FloatArray x, IntArray chosen, IntArray shape, FloatArray y) {
        for (@Parallel int i = 0; i < shape.get(1); i++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                y.set(m * shape.get(1) + i, x.get(chosen.get(m) * shape.get(1) + i));
            }
        }
    }
}
