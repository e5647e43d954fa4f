package org.quantado.kernels.attention;

import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Copies heads to others, such as the parts that keys of latent attention are put together from. */
public final class HeadCopy {
    private HeadCopy() {
    }

    /**
     * Adds {@code y = x}.
     *
     * @param x as many heads as y, or one for all of them
     * @param y heads of the same size, of other rows
     */
    public static void addTo(LayerGraph graph, String task, Heads x, Heads y) {
        boolean fits = x.size() == y.size() && (x.count() == y.count() || x.count() == 1);
        if (!fits) {
            throw new IllegalArgumentException(
                    x.count() + " heads of " + x.size() + " for " + y.count() + " heads of " + y.size());
        }
        IntArray from = x.layout();
        IntArray to = y.layout();
        graph.constants(from, to);
        graph.task(TaskPackage.createPackage(task, HeadCopy::copy, x.rows().values(), from, x.rows().shape(),
                y.rows().values(), to), y.count() * y.size(), x.rows().capacity());
    }

    private static void copy(FloatArray x, IntArray from, IntArray shape, FloatArray y, IntArray to) {
        for (@Parallel int e = 0; e < to.get(1) * to.get(2); e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int h = e / to.get(2);
                int i = e % to.get(2);
                int head = h % from.get(1);
                float value = x.get(m * from.get(4) + from.get(0) + head * from.get(3) + i);
                y.set(m * to.get(4) + to.get(0) + h * to.get(3) + i, value);
            }
        }
    }
}
