package org.quantado.kernels.hessian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

class ErrorFeedbackTest {
    private static final double TOLERANCE = 1e-9;

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 128, 129, 300})
    void factorsAreThoseOfCommonsMath(int size) {
        RealMatrix matrix = positiveDefinite(size);
        RealMatrix expected = new CholeskyDecomposition(matrix).getL();
        double[][] a = new double[size][];
        for (int i = 0; i < size; i++) {
            a[i] = Cholesky.row(i);
            System.arraycopy(matrix.getRow(i), 0, a[i], 0, i + 1);
        }

        double[][] lower = Cholesky.factor(a).orElseThrow();

        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                assertThat(lower[i][j]).isCloseTo(expected.getEntry(i, j), within(TOLERANCE * size));
            }
        }
    }

    @Test
    void aMatrixThatIsNotPositiveDefiniteHasNoFactor() {
        double[][] a = {Cholesky.row(0), Cholesky.row(1)};
        a[0][0] = 1;
        a[1][0] = 2;
        a[1][1] = 1;

        assertThat(Cholesky.factor(a)).isEmpty();
    }

    @Test
    void everyWayToMultiplyPatchesGivesTheSameBits() {
        Random random = new Random(4);
        int count = 21;
        double[] left = random.doubles((count + 1L) * Patches.ROWS).toArray();
        double[] right = random.doubles((count + 2L) * Patches.COLUMNS).toArray();
        double[][] plain = new double[Patches.ROWS][Patches.COLUMNS + 3];
        double[][] vectors = new double[Patches.ROWS][Patches.COLUMNS + 3];

        new PlainPatches().add(plain, 3, left, Patches.ROWS, right, 2 * Patches.COLUMNS, count);
        new VectorPatches().add(vectors, 3, left, Patches.ROWS, right, 2 * Patches.COLUMNS, count);

        assertThat(vectors).isDeepEqualTo(plain);
        assertThat(plain[2][3 + 7]).isCloseTo(IntStream.range(0, count)
                .mapToDouble(k -> left[(k + 1) * Patches.ROWS + 2] * right[(k + 2) * Patches.COLUMNS + 7]).sum(),
                within(TOLERANCE));
    }

    /** {@code D[i] (e U)[i]^2}, summed up, is {@code e H e^T} for any errors e, with U unit upper triangular. */
    @Test
    void lossesOfColumnsSumUpToTheLoss() {
        int size = 150;
        int block = 40;
        double dampening = 0.5;
        RealMatrix matrix = positiveDefinite(size);
        FloatArray values = new FloatArray(size * size);
        for (int i = 0; i < values.getSize(); i++) {
            values.set(i, (float) matrix.getEntry(i / size, i % size));
        }
        int[] order = IntStream.range(0, size).map(i -> (i * 7 + 3) % size).toArray();
        double[] errors = new Random(2).doubles((long) size * ErrorFeedback.ROWS).toArray();

        ErrorFeedback feedback = ErrorFeedback.of(new Hessian(values, size, size, 1), order, dampening, block)
                .orElseThrow();
        double loss = 0;
        for (int first = 0; first < size; first += block) {
            double[][] targets = new double[ErrorFeedback.ROWS][feedback.targets()];
            feedback.move(targets, first / block, errors, 0, first);
            for (int i = first; i < Math.min(size, first + block); i++) {
                double error = errors[i * ErrorFeedback.ROWS + 1];
                double miss = targets[1][i - first] + error;
                loss += feedback.pivot(i) * miss * miss;
                feedback.moveFollowing(targets[1], first / block, i - first, error);
            }
        }

        double expected = 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double element = (float) matrix.getEntry(order[i], order[j]) + (i == j ? dampening : 0);
                expected += errors[i * ErrorFeedback.ROWS + 1] * element * errors[j * ErrorFeedback.ROWS + 1];
            }
        }
        assertThat(loss).isCloseTo(expected, within(TOLERANCE * expected));
    }

    private static RealMatrix positiveDefinite(int size) {
        Random random = new Random(size);
        double[][] x = new double[size + 3][size];
        for (double[] row : x) {
            for (int i = 0; i < size; i++) {
                row[i] = random.nextGaussian();
            }
        }
        RealMatrix inputs = new Array2DRowRealMatrix(x);
        return inputs.transpose().multiply(inputs);
    }
}
