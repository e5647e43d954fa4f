package org.quantado.kernels.hessian;

import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Plain loops, for any device. */
final class HessianKernels {
    private HessianKernels() {
    }

    static void addTo(LayerGraph graph, FloatArray x, FloatArray sums, int columns) {
        graph.task(TaskPackage.createPackage("add", HessianKernels::add, x, sums, columns), columns, columns);
    }

    private static void add(FloatArray x, FloatArray sums, int columns) {
        for (@Parallel int i = 0; i < sums.getSize() / columns; i++) {
            for (@Parallel int j = 0; j < sums.getSize() / columns; j++) {
                int last = x.getSize() / columns;
                if (j < i) {
                    last = 0;
                }
                float sum = sums.get(i * columns + j);
                for (int row = 0; row < last; row++) {
                    sum += x.get(row * columns + i) * x.get(row * columns + j);
                }
                sums.set(i * columns + j, sum);
            }
        }
    }

    /** Makes all sums 0. */
    static void clear(FloatArray sums, int columns) {
        for (@Parallel int i = 0; i < sums.getSize() / columns; i++) {
            for (@Parallel int j = 0; j < sums.getSize() / (sums.getSize() / columns); j++) {
                sums.set(i * columns + j, 0.0f);
            }
        }
    }

    /**
     * Some rows of the whole matrix: its elements on the diagonal and right of it, and these in their places left of it.
     *
     * @param some {@code [some rows, K]}
     * @param first number of the first of them
     */
    static void read(FloatArray sums, FloatArray some, IntArray first, int columns) {
        for (@Parallel int row = 0; row < some.getSize() / columns; row++) {
            for (@Parallel int j = 0; j < some.getSize() / (some.getSize() / columns); j++) {
                int i = first.get(0) + row;
                int at = Math.min(i, j) * columns + Math.max(i, j);
                some.set(row * columns + j, sums.get(at));
            }
        }
    }
}
