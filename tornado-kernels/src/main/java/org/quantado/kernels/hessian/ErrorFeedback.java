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
    /** Rows of a weight that are moved together. */
    public static final int ROWS = Patches.ROWS;

    private final int block;
    private final double[][][] panels;
    private final double[] pivots;

    private ErrorFeedback(int block, double[][][] panels, double[] pivots) {
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
            a[r] = Cholesky.row(r);
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

    /** U by blocks of columns, in patches {@code [rows that are not all 0, 32]}. */
    private static double[][][] panels(double[][] lower, int block) {
        int columns = lower.length;
        double[][][] panels = new double[Math.ceilDiv(columns, block)][][];
        IntStream.range(0, panels.length).parallel().forEach(panel -> {
            int first = panel * block;
            int end = Math.min(columns, first + block);
            panels[panel] = new double[Math.ceilDiv(end - first, Patches.COLUMNS)][end * Patches.COLUMNS];
            for (int j = 0; j < end; j++) {
                double[] row = lower[columns - 1 - j];
                for (int i = Math.max(first, j + 1); i < end; i++) {
                    int s = columns - 1 - i;
                    panels[panel][(i - first) / Patches.COLUMNS][at(j, i - first)] = row[s] / lower[s][s];
                }
            }
        });
        return panels;
    }

    private static int at(int j, int column) {
        return j * Patches.COLUMNS + column % Patches.COLUMNS;
    }

    /** Columns of a block. */
    public int block() {
        return block;
    }

    /** Elements of a row of targets: those of a block, and room for those beside them. */
    public int targets() {
        return Math.ceilDiv(block, Patches.COLUMNS) * Patches.COLUMNS;
    }

    /** D of a column. */
    public double pivot(int i) {
        return pivots[i];
    }

    /**
     * Adds to a block of columns what the errors of some columns before it move it by.
     *
     * @param targets of rows of the weight, {@value #ROWS} by {@link #targets}
     * @param panel number of the block
     * @param errors of these rows {@code [K, 4]}
     * @param from the first of those columns
     * @param to the column after the last, at most the first of the block
     */
    public void move(double[][] targets, int panel, double[] errors, int from, int to) {
        for (int patch = 0; patch < panels[panel].length; patch++) {
            Patches.FASTEST.add(targets, patch * Patches.COLUMNS, errors, from * ROWS, panels[panel][patch],
                    from * Patches.COLUMNS, to - from);
        }
    }

    /**
     * Adds to the columns of a block that follow one of its columns what that one's error moves them by.
     *
     * @param targets of one row of the weight
     * @param column in the block
     */
    public void moveFollowing(double[] targets, int panel, int column, double error) {
        int j = panel * block + column;
        for (int patch = column / Patches.COLUMNS; patch < panels[panel].length; patch++) {
            double[] row = panels[panel][patch];
            // what is left of the diagonal is 0
            for (int c = 0; c < Patches.COLUMNS; c++) {
                targets[patch * Patches.COLUMNS + c] = Math.fma(error, row[j * Patches.COLUMNS + c],
                        targets[patch * Patches.COLUMNS + c]);
            }
        }
    }
}
