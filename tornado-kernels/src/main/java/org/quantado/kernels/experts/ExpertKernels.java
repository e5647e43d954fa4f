package org.quantado.kernels.experts;

import org.quantado.kernels.codec.RoundToDtype;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What happens to tokens around the experts' matrices. Every {@code shape} holds the rows and columns of a matrix. */
final class ExpertKernels {
    private ExpertKernels() {
    }

    /**
     * The token of each slot. Also says how many rows there are: at least one is gathered, for the sake of that.
     *
     * @param slots in the order of their experts; those from T * k on have no token, but zeros
     * @param starts where the slots of each expert begin
     * @param end which of {@code starts} is the end of all
     * @param tokens its first element is T
     * @param shape of {@code rows}; its first element is set, as that of {@code wide} and {@code narrow}
     * @param wide shape of other rows, as many as these
     * @param narrow shape of other rows, as many as these
     */
    static void gather(FloatArray x, IntArray slots, IntArray starts, IntArray tokens, IntArray shape, IntArray wide,
            IntArray narrow, FloatArray rows, int topK, int end) {
        for (@Parallel int k = 0; k < shape.get(1); k++) {
            for (@Parallel int m = 0; m < Math.max(1, starts.get(end)); m++) {
                int token = slots.get(m) / topK;
                float value = 0.0f;
                if (token < tokens.get(0)) {
                    value = x.get(token * shape.get(1) + k);
                }
                int at = m * shape.get(1) + k;
                rows.set(at, value);
                count(at, starts, end, shape, wide, narrow);
            }
        }
    }

    /** As {@link #gather}, with a work-item for each row: for CPUs, which copy a row faster than they find it. */
    static void gatherRows(FloatArray x, IntArray slots, IntArray starts, IntArray tokens, IntArray shape,
            IntArray wide,
            IntArray narrow, FloatArray rows, int topK, int end) {
        for (@Parallel int m = 0; m < Math.max(1, starts.get(end)); m++) {
            int width = shape.get(1);
            int token = slots.get(m) / topK;
            for (int k = 0; k < width; k++) {
                float value = 0.0f;
                if (token < tokens.get(0)) {
                    value = x.get(token * width + k);
                }
                rows.set(m * width + k, value);
            }
            count(m, starts, end, shape, wide, narrow);
        }
    }

    /** Element {@code at} of each shape, if it has that. */
    static void count(int at, IntArray starts, int end, IntArray shape, IntArray wide, IntArray narrow) {
        if (at < 2) {
            int rows = starts.get(end);
            count(at, rows, shape);
            count(at, rows, wide);
            count(at, rows, narrow);
        }
    }

    /** Element 0 or 1 of a shape: the number of rows, and what it is already, which is read so that it is there. */
    private static void count(int at, int rows, IntArray shape) {
        int size = shape.get(at);
        if (at == 0) {
            size = rows;
        }
        shape.set(at, size);
    }

    /**
     * As {@link #gather}, times the weight of the slot.
     *
     * @param rounding table of the type that weight and product are rounded to, if {@code rounded} is 1
     */
    static void gatherWeighted(FloatArray x, IntArray slots, IntArray starts, FloatArray weights, FloatArray rounding,
            IntArray tokens, IntArray shape, IntArray wide, IntArray narrow, FloatArray rows, int topK, int end,
            int rounded) {
        for (@Parallel int k = 0; k < shape.get(1); k++) {
            for (@Parallel int m = 0; m < Math.max(1, starts.get(end)); m++) {
                int slot = slots.get(m);
                float value = 0.0f;
                float weight = 0.0f;
                if (slot < tokens.get(0) * topK) {
                    value = x.get(slot / topK * shape.get(1) + k);
                    weight = weights.get(slot);
                }
                float product = value * weight;
                if (rounded == 1) {
                    product = RoundToDtype.round(value * RoundToDtype.round(weight, rounding), rounding);
                }
                int at = m * shape.get(1) + k;
                rows.set(at, product);
                count(at, starts, end, shape, wide, narrow);
            }
        }
    }

    /**
     * What the experts of a token give, summed in the order in which it chose them.
     *
     * @param results {@code [R, H]}, by the order of experts
     * @param rows {@code [T, k]}, the row of each slot there, -1 for none
     * @param weights {@code [T, k]}, not read if {@code weighted} is 0
     * @param shared {@code [T, H]}, not read if {@code sharedParts} is 0
     * @param gates {@code [T]}, whose sigmoid multiplies {@code shared}, if {@code sharedParts} is 2; else not read
     * @param shape T and H
     */
    static void combine(FloatArray results, IntArray rows, FloatArray weights, FloatArray shared, FloatArray gates,
            IntArray shape, FloatArray y, int topK, int weighted, int sharedParts) {
        for (@Parallel int h = 0; h < shape.get(1); h++) {
            for (@Parallel int t = 0; t < shape.get(0); t++) {
                float sum = 0.0f;
                for (int j = 0; j < topK; j++) {
                    int row = rows.get(t * topK + j);
                    float weight = 1.0f;
                    if (weighted == 1) {
                        weight = weights.get(t * topK + j);
                    }
                    if (row >= 0) {
                        sum += weight * results.get(row * shape.get(1) + h);
                    }
                }
                float share = 1.0f;
                if (sharedParts == 2) {
                    share = 1.0f / (1.0f + TornadoMath.exp(-gates.get(t)));
                }
                if (sharedParts > 0) {
                    sum += share * shared.get(t * shape.get(1) + h);
                }
                y.set(t * shape.get(1) + h, sum);
            }
        }
    }
}
