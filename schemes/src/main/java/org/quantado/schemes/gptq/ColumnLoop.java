package org.quantado.schemes.gptq;

import java.util.stream.IntStream;
import org.quantado.kernels.hessian.ErrorFeedback;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.schemes.quantize.BlockScales;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.Grid;
import org.quantado.schemes.quantize.RoundedWeight;
import org.quantado.schemes.quantize.WeightRounding;

/**
 * Rounds column after column. Rows know nothing of each other, so that each core takes some of them through all columns.
 * <p>
 * What is stored is found as compressed-tensors does: the rounded weight takes its type, and is rounded once more with the
 * stored scale. With 8 bits in bfloat16 this changes codes, which the peer's checkpoints show.
 */
final class ColumnLoop {
    /** Rows that a core takes through all columns together: each part of the factor that it reads serves them all. */
    private static final int ROWS = 64;

    /** Columns whose errors move a block at a time: their part of the factor stays in a core's cache for all rows. */
    private static final int ERRORS = 128;

    private final FloatWeight weight;
    private final WeightRounding rounding;
    private final RoundingOrder order;
    private final boolean[] dead;
    private final ErrorFeedback feedback;
    private final Grid encoding;
    private final Grid storedGrid;
    private final BlockScales storedScales;
    private final byte[][] codes;

    ColumnLoop(FloatWeight weight, WeightRounding rounding, RoundingOrder order, Hessian hessian,
            ErrorFeedback feedback) {
        this.weight = weight;
        this.rounding = rounding;
        this.order = order;
        this.feedback = feedback;
        encoding = rounding.exactGrid();
        storedGrid = rounding.grid();
        storedScales = order.stored(storedGrid);
        codes = new byte[weight.rows()][weight.columns()];
        dead = new boolean[weight.columns()];
        for (int column = 0; column < dead.length; column++) {
            dead[column] = hessian.isDead(column);
        }
    }

    /** Rounds all rows, and tells the loss. */
    double run() {
        return IntStream.range(0, Math.ceilDiv(weight.rows(), ROWS)).parallel()
                .mapToObj(part -> run(part * ROWS, Math.min(weight.rows(), (part + 1) * ROWS))).toList().stream()
                .mapToDouble(Double::doubleValue).sum();
    }

    RoundedWeight rounded() {
        return new RoundedWeight(rounding, storedScales, order.blocks(), row -> codes[row]);
    }

    private double run(int firstRow, int endRow) {
        int columns = weight.columns();
        int quads = Math.ceilDiv(endRow - firstRow, ErrorFeedback.ROWS);
        double[][] errors = new double[quads][columns * ErrorFeedback.ROWS];
        double[][][] targets = new double[quads][ErrorFeedback.ROWS][feedback.targets()];
        double loss = 0;
        for (int panel = 0; panel * feedback.block() < columns; panel++) {
            int first = panel * feedback.block();
            int width = Math.min(columns - first, feedback.block());
            for (int row = firstRow; row < endRow; row++) {
                fill(targets[(row - firstRow) / ErrorFeedback.ROWS][(row - firstRow) % ErrorFeedback.ROWS], row, first,
                        width);
            }
            for (int from = 0; from < first; from += ERRORS) {
                for (int quad = 0; quad < quads; quad++) {
                    feedback.move(targets[quad], panel, errors[quad], from, Math.min(first, from + ERRORS));
                }
            }
            for (int row = firstRow; row < endRow; row++) {
                int quad = (row - firstRow) / ErrorFeedback.ROWS;
                int inQuad = (row - firstRow) % ErrorFeedback.ROWS;
                loss += round(row, targets[quad][inQuad], errors[quad], inQuad, panel, width);
            }
        }
        return loss;
    }

    private void fill(double[] targets, int row, int first, int width) {
        for (int i = 0; i < width; i++) {
            targets[i] = value(row, order.columns()[first + i]);
        }
    }

    private float value(int row, int column) {
        return dead[column] ? 0 : weight.get(row, column);
    }

    private double round(int row, double[] targets, double[] errors, int inQuad, int panel, int width) {
        double loss = 0;
        for (int i = 0; i < width; i++) {
            int place = panel * feedback.block() + i;
            int column = order.columns()[place];
            int block = order.blocks().block(row, column);
            float scale = order.scales().scale(block);
            int zeroPoint = order.scales().zeroPoint(block);
            int code = encoding.encode((float) targets[i], scale, zeroPoint);
            float rounded = order.grid().dequantize(code, scale, zeroPoint);
            double miss = targets[i] - rounded;
            loss += miss * miss * feedback.pivot(place) / 2;
            double error = (double) value(row, column) - rounded;
            errors[place * ErrorFeedback.ROWS + inQuad] = error;
            feedback.moveFollowing(targets, panel, i, error);
            codes[row][column] = (byte) storedGrid.encode(rounding.dtype().round(rounded), storedScales.scale(block),
                    zeroPoint);
        }
        return loss;
    }
}
