package org.quantado.kernels.hessian;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How the errors of columns that are rounded already move those that are not: {@code H = U D U^T} with U unit upper
 * triangular, columns in the order in which they are rounded. A column i is rounded from
 * {@code w[i] + sum over j < i of (w[j] - q[j]) U[j,i]}, and misses what would be best by
 * {@code D[i] (that - q[i])^2}, summed over all columns {@code (w - q) H (w - q)^T}.
 * <p>
 * This is GPTQ's column loop (Frantar et al. 2022, arXiv 2210.17323) without its inverse: Chee et al. 2023 (arXiv
 * 2307.13304), theorem 6, show that both give the same. One factorization takes the place of three, and none of its
 * numbers is as large as an inverse's.
 */
public final class ErrorFeedback {
    /** Rows of U that are added up at a time. */
    private static final int TOGETHER = 8;

    private final int block;
    private final float[][][] panels;
    private final double[] pivots;

    private ErrorFeedback(int block, float[][][] panels, double[] pivots) {
        this.block = block;
        this.panels = panels;
        this.pivots = pivots;
    }

    /**
     * Factors a Hessian.
     *
     * @param order the columns in the order in which they are rounded {@code [K]}
     * @param dampening is added to the diagonal, in which a channel that was always 0 counts as 1
     * @param block columns that are rounded before their errors move the others
     * @return empty if it is not positive definite
     */
    public static Optional<ErrorFeedback> of(Hessian hessian, int[] order, double dampening, int block) {
        int columns = order.length;
        // Cholesky's L of the columns in reverse is U of the columns in order
        double[][] a = new double[columns][];
        IntStream.range(0, columns).parallel().forEach(r -> {
            int column = order[columns - 1 - r];
            a[r] = new double[r + 1];
            for (int s = 0; s < r; s++) {
                a[r][s] = hessian.get(column, order[columns - 1 - s]);
            }
            a[r][r] = hessian.curvature(column) + dampening;
        });
        return Cholesky.factor(a).map(lower -> new ErrorFeedback(block, panels(lower, block), pivots(lower)));
    }

    private static double[] pivots(double[][] lower) {
        int columns = lower.length;
        return IntStream.range(0, columns).mapToDouble(i -> {
            double root = lower[columns - 1 - i][columns - 1 - i];
            return root * root;
        }).toArray();
    }

    /** U by blocks of columns: those rows of each that are not all 0. */
    private static float[][][] panels(double[][] lower, int block) {
        int columns = lower.length;
        float[][][] panels = new float[Math.ceilDiv(columns, block)][][];
        IntStream.range(0, panels.length).parallel().forEach(panel -> {
            int first = panel * block;
            int width = Math.min(block, columns - first);
            panels[panel] = new float[first + width][width];
            for (int j = 0; j < first + width; j++) {
                double[] row = lower[columns - 1 - j];
                for (int i = Math.max(first, j + 1); i < first + width; i++) {
                    int s = columns - 1 - i;
                    panels[panel][j][i - first] = (float) (row[s] / lower[s][s]);
                }
            }
        });
        return panels;
    }

    /** Columns of a block. */
    public int block() {
        return block;
    }

    /** D of a column. */
    public double pivot(int i) {
        return pivots[i];
    }

    /**
     * Adds to a block of columns what the errors of some columns before it move it by.
     *
     * @param targets of one row of the weight {@code [block]}
     * @param panel number of the block
     * @param errors of that row {@code [K]}
     * @param from the first of those columns
     * @param to the column after the last, at most the first of the block
     */
    public void move(float[] targets, int panel, float[] errors, int from, int to) {
        int width = Math.min(targets.length, panels[panel][0].length);
        int j = from;
        for (; j + TOGETHER <= to; j += TOGETHER) {
            moveByEight(targets, panels[panel], errors, j, width);
        }
        for (; j < to; j++) {
            move(targets, panels[panel][j], errors[j], 0, width);
        }
    }

    /**
     * Adds to the columns of a block that follow one of its columns what that one's error moves them by.
     *
     * @param column in the block
     */
    public void moveFollowing(float[] targets, int panel, int column, float error) {
        float[] row = panels[panel][panel * block + column];
        move(targets, row, error, column + 1, row.length);
    }

    private static void move(float[] targets, float[] row, float error, int from, int to) {
        for (int i = from; i < to; i++) {
            targets[i] = Math.fma(error, row[i], targets[i]);
        }
    }

    private static void moveByEight(float[] targets, float[][] rows, float[] errors, int j, int width) {
        float error0 = errors[j];
        float error1 = errors[j + 1];
        float error2 = errors[j + 2];
        float error3 = errors[j + 3];
        float error4 = errors[j + 4];
        float error5 = errors[j + 5];
        float error6 = errors[j + 6];
        float error7 = errors[j + 7];
        float[] row0 = rows[j];
        float[] row1 = rows[j + 1];
        float[] row2 = rows[j + 2];
        float[] row3 = rows[j + 3];
        float[] row4 = rows[j + 4];
        float[] row5 = rows[j + 5];
        float[] row6 = rows[j + 6];
        float[] row7 = rows[j + 7];
        for (int i = 0; i < width; i++) {
            float even = Math.fma(error0, row0[i], Math.fma(error2, row2[i],
                    Math.fma(error4, row4[i], Math.fma(error6, row6[i], targets[i]))));
            float odd = Math.fma(error1, row1[i],
                    Math.fma(error3, row3[i], Math.fma(error5, row5[i], error7 * row7[i])));
            targets[i] = even + odd;
        }
    }
}
