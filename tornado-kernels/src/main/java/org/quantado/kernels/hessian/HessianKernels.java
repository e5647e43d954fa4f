package org.quantado.kernels.hessian;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Plain loops. */
final class HessianKernels {
    private HessianKernels() {
    }

    static void add(FloatArray x, FloatArray sums, int columns) {
        for (@Parallel int i = 0; i < sums.getSize() / columns; i++) {
            for (@Parallel int j = 0; j < sums.getSize() / columns; j++) {
                float sum = sums.get(i * columns + j);
                for (int row = 0; row < x.getSize() / columns; row++) {
                    sum += x.get(row * columns + i) * x.get(row * columns + j);
                }
                sums.set(i * columns + j, sum);
            }
        }
    }

    static void mirror(FloatArray sums, FloatArray factor) {
        for (@Parallel int i = 0; i < sums.getSize(); i++) {
            sums.set(i, sums.get(i) * factor.get(0));
        }
    }
}
