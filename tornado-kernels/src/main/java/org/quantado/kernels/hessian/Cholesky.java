package org.quantado.kernels.hessian;

import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * {@code A = L L^T} of a symmetric matrix in binary64, panel after panel on all cores; the result does not depend on their
 * number. A matrix of K = 14336 takes {@code K^3 / 3}, 10^12 operations, and 0.8 GB.
 */
final class Cholesky {
    /** Columns that are factored before the rest of the matrix is brought up to date. */
    private static final int PANEL = 64;

    /** Columns of the rest that are brought up to date at a time: with a panel's rows, 128 KB of a core's cache. */
    private static final int TILE = 256;

    /** Rows that a task brings up to date. */
    private static final int ROWS = 64;

    /** Rows of a panel that are subtracted at a time. */
    private static final int TOGETHER = 8;

    private final double[][] a;

    private Cholesky(double[][] a) {
        this.a = a;
    }

    /**
     * Factors a matrix in place.
     *
     * @param a its lower triangle: row i has {@code i + 1} elements
     * @return the same array, with L; empty if the matrix is not positive definite, as far as binary64 can tell
     */
    static Optional<double[][]> factor(double[][] a) {
        Cholesky cholesky = new Cholesky(a);
        for (int first = 0; first < a.length; first += PANEL) {
            int end = Math.min(a.length, first + PANEL);
            if (!cholesky.factorDiagonal(first, end)) {
                return Optional.empty();
            }
            cholesky.solveBelow(first, end);
            cholesky.updateRest(first, end);
        }
        return Optional.of(a);
    }

    private boolean factorDiagonal(int first, int end) {
        for (int i = first; i < end; i++) {
            double[] row = a[i];
            for (int j = first; j <= i; j++) {
                double rest = row[j];
                for (int k = first; k < j; k++) {
                    rest -= row[k] * a[j][k];
                }
                if (j < i) {
                    row[j] = rest / a[j][j];
                } else if (rest > 0 && rest < Double.POSITIVE_INFINITY) {
                    row[i] = Math.sqrt(rest);
                } else {
                    return false;
                }
            }
        }
        return true;
    }

    /** {@code L[i, panel] = A[i, panel] L[panel, panel]^-T} for all rows i below. */
    private void solveBelow(int first, int end) {
        double[][] turned = new double[end - first][end - first];
        for (int k = 0; k < turned.length; k++) {
            for (int m = k; m < turned.length; m++) {
                turned[k][m] = a[first + m][first + k];
            }
        }
        inParallel(a.length - end, offset -> {
            double[] row = a[end + offset];
            for (int k = 0; k < turned.length; k++) {
                double value = row[first + k] / turned[k][k];
                row[first + k] = value;
                for (int m = k + 1; m < turned.length; m++) {
                    row[first + m] -= value * turned[k][m];
                }
            }
        });
    }

    /** {@code A[i, j] -= L[i, panel] L[j, panel]^T} for all j <= i below. */
    private void updateRest(int first, int end) {
        int tiles = Math.ceilDiv(a.length - end, TILE);
        double[][][] turned = new double[tiles][PANEL][TILE];
        inParallel(a.length - end, offset -> {
            for (int k = first; k < end; k++) {
                turned[offset / TILE][k - first][offset % TILE] = a[end + offset][k];
            }
        });
        int blocks = Math.ceilDiv(a.length - end, ROWS);
        inParallel(blocks, block -> {
            // the longest rows first, so that all cores are busy to the end
            int firstRow = end + (blocks - 1 - block) * ROWS;
            int endRow = Math.min(a.length, firstRow + ROWS);
            double[] sums = new double[TILE];
            for (int tile = 0; tile < tiles && end + tile * TILE < endRow; tile++) {
                int firstColumn = end + tile * TILE;
                for (int i = Math.max(firstRow, firstColumn); i < endRow; i++) {
                    int length = Math.min(TILE, i + 1 - firstColumn);
                    System.arraycopy(a[i], firstColumn, sums, 0, length);
                    for (int k = first; k < end; k += TOGETHER) {
                        subtract(sums, turned[tile], k - first, a[i], k, end, length);
                    }
                    System.arraycopy(sums, 0, a[i], firstColumn, length);
                }
            }
        });
    }

    private static void subtract(double[] sums, double[][] rows, int row, double[] factors, int k, int end,
            int length) {
        if (k + TOGETHER > end) {
            for (int rest = k; rest < end; rest++) {
                for (int j = 0; j < length; j++) {
                    sums[j] -= factors[rest] * rows[row + rest - k][j];
                }
            }
            return;
        }
        double factor0 = -factors[k];
        double factor1 = -factors[k + 1];
        double factor2 = -factors[k + 2];
        double factor3 = -factors[k + 3];
        double factor4 = -factors[k + 4];
        double factor5 = -factors[k + 5];
        double factor6 = -factors[k + 6];
        double factor7 = -factors[k + 7];
        double[] row0 = rows[row];
        double[] row1 = rows[row + 1];
        double[] row2 = rows[row + 2];
        double[] row3 = rows[row + 3];
        double[] row4 = rows[row + 4];
        double[] row5 = rows[row + 5];
        double[] row6 = rows[row + 6];
        double[] row7 = rows[row + 7];
        for (int j = 0; j < length; j++) {
            double even = Math.fma(factor0, row0[j], Math.fma(factor2, row2[j],
                    Math.fma(factor4, row4[j], Math.fma(factor6, row6[j], sums[j]))));
            double odd = Math.fma(factor1, row1[j],
                    Math.fma(factor3, row3[j], Math.fma(factor5, row5[j], factor7 * row7[j])));
            sums[j] = even + odd;
        }
    }

    private static void inParallel(int count, IntConsumer work) {
        IntStream.range(0, count).parallel().forEach(work);
    }
}
