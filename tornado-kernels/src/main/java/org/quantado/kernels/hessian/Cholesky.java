package org.quantado.kernels.hessian;

import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * {@code A = L L^T} of a symmetric matrix in binary64, panel after panel on all cores; the result does not depend on their
 * number. A matrix of K = 14336 takes {@code K^3 / 3}, 10^12 operations, and 0.8 GB.
 */
final class Cholesky {
    /** Columns that are factored before the rest of the matrix is brought up to date: a patch's are 32 KB of the first cache. */
    private static final int PANEL = 128;

    /** Rows that a task brings up to date. */
    private static final int ROWS = 64;

    private final double[][] a;

    private Cholesky(double[][] a) {
        this.a = a;
    }

    /** A row of a matrix to be factored: {@code row + 1} elements, and room for those beside them. */
    static double[] row(int row) {
        return new double[Math.ceilDiv(row + 1, Patches.COLUMNS) * Patches.COLUMNS];
    }

    /**
     * Factors a matrix in place.
     *
     * @param a its lower triangle, in rows of {@link #row}
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
        inParallel(a.length - end, below -> {
            double[] row = new double[turned.length];
            System.arraycopy(a[end + below], first, row, 0, row.length);
            for (int k = 0; k < row.length; k++) {
                double value = row[k] / turned[k][k];
                row[k] = value;
                double[] factors = turned[k];
                for (int m = k + 1; m < row.length; m++) {
                    row[m] = Math.fma(-value, factors[m], row[m]);
                }
            }
            System.arraycopy(row, 0, a[end + below], first, row.length);
        });
    }

    /** {@code A[i, j] -= L[i, panel] L[j, panel]^T} for all j <= i below. */
    private void updateRest(int first, int end) {
        int below = a.length - end;
        int count = end - first;
        double[][] right = new double[Math.ceilDiv(below, Patches.COLUMNS)][count * Patches.COLUMNS];
        inParallel(right.length, patch -> {
            for (int c = 0; c < Patches.COLUMNS && patch * Patches.COLUMNS + c < below; c++) {
                double[] row = a[end + patch * Patches.COLUMNS + c];
                for (int k = 0; k < count; k++) {
                    right[patch][k * Patches.COLUMNS + c] = row[first + k];
                }
            }
        });
        int blocks = Math.ceilDiv(below, ROWS);
        // the longest rows first, so that all cores are busy to the end
        inParallel(blocks, block -> updateRows(end + (blocks - 1 - block) * ROWS, first, end, right));
    }

    private void updateRows(int firstRow, int first, int end, double[][] right) {
        int count = end - first;
        int endRow = Math.min(a.length, firstRow + ROWS);
        double[][][] sums = new double[Math.ceilDiv(endRow - firstRow, Patches.ROWS)][Patches.ROWS][];
        double[][] left = new double[sums.length][count * Patches.ROWS];
        for (int i = 0; i < sums.length * Patches.ROWS; i++) {
            boolean isRow = firstRow + i < endRow;
            double[] row = isRow ? a[firstRow + i] : row(endRow);
            sums[i / Patches.ROWS][i % Patches.ROWS] = row;
            for (int k = 0; k < count && isRow; k++) {
                left[i / Patches.ROWS][k * Patches.ROWS + i % Patches.ROWS] = -row[first + k];
            }
        }
        for (int column = end; column < endRow; column += Patches.COLUMNS) {
            int patch = (column - end) / Patches.COLUMNS;
            for (int rows = 0; rows < sums.length; rows++) {
                if (column <= firstRow + rows * Patches.ROWS) {
                    Patches.FASTEST.add(sums[rows], column, left[rows], 0, right[patch], 0, count);
                }
            }
        }
    }

    private static void inParallel(int count, IntConsumer work) {
        IntStream.range(0, count).parallel().forEach(work);
    }
}
