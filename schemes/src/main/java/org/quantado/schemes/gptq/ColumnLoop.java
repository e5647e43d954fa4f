package org.quantado.schemes.gptq;

import java.util.stream.IntStream;
import org.quantado.kernels.hessian.ErrorFeedback;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.schemes.quantize.FloatWeight;

/**
 * Takes the rows of a weight through its columns, in the order in which these are rounded. Rows know nothing of each other,
 * so that each core takes some of them through all columns.
 *
 * @param weight {@code [N, K]}
 * @param order the columns in that order
 * @param hessian of the inputs; a channel that was always 0 has weight 0
 * @param feedback its factor
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record ColumnLoop(FloatWeight weight, int[] order, Hessian hessian, ErrorFeedback feedback) {
    /** Rows that a core takes through all columns together: each part of the factor that it reads serves them all. */
    private static final int ROWS = 64;

    /** Columns whose errors move a block at a time: their part of the factor stays in a core's cache for all rows. */
    private static final int ERRORS = 128;

    /** What a weight is rounded to. */
    @FunctionalInterface
    interface Step {
        /**
         * Rounds a weight; called by many threads, each with rows of its own.
         *
         * @param target what would be best, after the errors of the columns before it
         */
        float round(int row, int column, float target);
    }

    /** Rounds all weights, and tells {@code trace((W - Q) H (W - Q)^T) / 2}. */
    double run(Step step) {
        return IntStream.range(0, Math.ceilDiv(weight.rows(), ROWS)).parallel()
                .mapToObj(part -> run(step, part * ROWS, Math.min(weight.rows(), (part + 1) * ROWS))).toList().stream()
                .mapToDouble(Double::doubleValue).sum();
    }

    private double run(Step step, int firstRow, int endRow) {
        int columns = weight.columns();
        int quads = Math.ceilDiv(endRow - firstRow, ErrorFeedback.ROWS);
        double[][] errors = new double[quads][columns * ErrorFeedback.ROWS];
        double[][][] targets = new double[quads][ErrorFeedback.ROWS][feedback.targets()];
        double loss = 0;
        for (int panel = 0; panel * feedback.block() < columns; panel++) {
            int first = panel * feedback.block();
            int width = Math.min(columns - first, feedback.block());
            for (int row = firstRow; row < endRow; row++) {
                double[] ofRow = targets[(row - firstRow) / ErrorFeedback.ROWS][(row - firstRow) % ErrorFeedback.ROWS];
                for (int i = 0; i < width; i++) {
                    ofRow[i] = value(row, order[first + i]);
                }
            }
            for (int from = 0; from < first; from += ERRORS) {
                for (int quad = 0; quad < quads; quad++) {
                    feedback.move(targets[quad], panel, errors[quad], from, Math.min(first, from + ERRORS));
                }
            }
            for (int row = firstRow; row < endRow; row++) {
                int quad = (row - firstRow) / ErrorFeedback.ROWS;
                int inQuad = (row - firstRow) % ErrorFeedback.ROWS;
                loss += round(step, row, targets[quad][inQuad], errors[quad], inQuad, panel, width);
            }
        }
        return loss;
    }

    private float value(int row, int column) {
        return hessian.isDead(column) ? 0 : weight.get(row, column);
    }

    private double round(Step step, int row, double[] targets, double[] errors, int inQuad, int panel, int width) {
        double loss = 0;
        for (int i = 0; i < width; i++) {
            int place = panel * feedback.block() + i;
            int column = order[place];
            float rounded = step.round(row, column, (float) targets[i]);
            double miss = targets[i] - rounded;
            loss += miss * miss * feedback.pivot(place) / 2;
            double error = (double) value(row, column) - rounded;
            errors[place * ErrorFeedback.ROWS + inQuad] = error;
            feedback.moveFollowing(targets, panel, i, error);
        }
        return loss;
    }
}
