package org.quantado.models.calibrate;

import java.util.function.IntFunction;
import java.util.stream.IntStream;

import org.quantado.kernels.hessian.Hessian;

/** Squares of what weights, or their errors, make of a layer's inputs. */
final class WeightedSum {
    private WeightedSum() {
    }

    /**
     * The sum of the squares of all outputs: {@code trace(E X^T X E^T)}, with {@code X^T X} from the Hessian.
     *
     * @param rows E {@code [N, K]}, asked for by many threads
     * @param samples that the Hessian is of
     */
    static double squares(IntFunction<float[]> rows, int count, Hessian hessian, int samples) {
        double[] each = IntStream.range(0, count).parallel().mapToDouble(row -> square(rows.apply(row), hessian))
                .toArray();
        double sum = 0;
        for (double one : each) {
            sum += one;
        }
        return sum * samples / 2;
    }

    private static double square(float[] row, Hessian hessian) {
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
            if (row[i] != 0) {
                double product = 0;
                for (int j = 0; j < row.length; j++) {
                    product += (double) hessian.get(i, j) * row[j];
                }
                sum += product * row[i];
            }
        }
        return sum;
    }
}
