package org.quantado.kernels.experts;

import org.quantado.kernels.codec.RoundToDtype;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What happens to tokens around the experts' matrices. Every {@code shape} holds the rows and columns of a matrix. */
final class ExpertKernels {
    private ExpertKernels() {
    }

    /**
     * Logits {@code x w^T + bias}, those of four experts by one work-item: four sums that do not wait for each other. The
     * last expert stands in for those beyond it.
     *
     * @param shape T and E
     */
    static void logits(FloatArray x, FloatArray weight, FloatArray bias, IntArray shape, FloatArray logits,
            int inputs) {
        for (@Parallel int four = 0; four < (shape.get(1) + 3) / 4; four++) {
            for (@Parallel int t = 0; t < shape.get(0); t++) {
                int last = shape.get(1) - 1;
                int e0 = 4 * four;
                int e1 = Math.min(e0 + 1, last);
                int e2 = Math.min(e0 + 2, last);
                int e3 = Math.min(e0 + 3, last);
                float sum0 = 0.0f;
                float sum1 = 0.0f;
                float sum2 = 0.0f;
                float sum3 = 0.0f;
                for (int k = 0; k < inputs; k++) {
                    float value = x.get(t * inputs + k);
                    sum0 += value * weight.get(e0 * inputs + k);
                    sum1 += value * weight.get(e1 * inputs + k);
                    sum2 += value * weight.get(e2 * inputs + k);
                    sum3 += value * weight.get(e3 * inputs + k);
                }
                int first = t * shape.get(1);
                logits.set(first + e3, sum3 + bias.get(e3));
                logits.set(first + e2, sum2 + bias.get(e2));
                logits.set(first + e1, sum1 + bias.get(e1));
                logits.set(first + e0, sum0 + bias.get(e0));
            }
        }
    }

    /** As {@link #logits}, one by each work-group of 64, whose work-items read neighbouring weights. */
    static void logitsByGroups(KernelContext context, FloatArray x, FloatArray weight, FloatArray bias, IntArray shape,
            FloatArray logits, int inputs) {
        float[] sums = context.allocateFloatLocalArray(64);
        int item = context.localIdx;
        int e = context.groupIdx;
        int t = context.globalIdy;
        int columns = inputs;
        if (t >= shape.get(0)) {
            columns = 0;
        }
        float sum = 0.0f;
        for (int k = item; k < columns; k += 64) {
            sum += x.get(t * inputs + k) * weight.get(e * inputs + k);
        }
        sums[item] = sum;
        for (int stride = 32; stride > 0; stride = stride / 2) {
            context.localBarrier();
            if (item < stride) {
                sums[item] = sums[item] + sums[item + stride];
            }
        }
        int other = item;
        if (t >= shape.get(0)) {
            other = 1;
        }
        if (other == 0) {
            logits.set(t * shape.get(1) + e, sums[0] + bias.get(e));
        }
    }

    /** Says on the device that two matrices have as many rows as a third. Widths are read, else they would not be there. */
    static void countRows(IntArray shape, IntArray first, IntArray second) {
        for (@Parallel int i = 0; i < shape.getSize(); i++) {
            int firstSize = first.get(i);
            int secondSize = second.get(i);
            if (i == 0) {
                firstSize = shape.get(0);
                secondSize = firstSize;
            }
            first.set(i, firstSize);
            second.set(i, secondSize);
        }
    }

    /**
     * The token of each slot.
     *
     * @param slots in the order of their experts; those from T * k on have no token, but zeros
     * @param tokens its first element is T
     * @param shape of {@code rows}
     */
    static void gather(FloatArray x, IntArray slots, IntArray tokens, IntArray shape, FloatArray rows, int topK) {
        for (@Parallel int k = 0; k < shape.get(1); k++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int token = slots.get(m) / topK;
                float value = 0.0f;
                if (token < tokens.get(0)) {
                    value = x.get(token * shape.get(1) + k);
                }
                rows.set(m * shape.get(1) + k, value);
            }
        }
    }

    /**
     * As {@link #gather}, times the weight of the slot.
     *
     * @param rounding table of the type that weight and product are rounded to, if {@code narrow} is 1
     */
    static void gatherWeighted(FloatArray x, IntArray slots, FloatArray weights, FloatArray rounding, IntArray tokens,
            IntArray shape, FloatArray rows, int topK, int narrow) {
        for (@Parallel int k = 0; k < shape.get(1); k++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int slot = slots.get(m);
                float value = 0.0f;
                float weight = 0.0f;
                if (slot < tokens.get(0) * topK) {
                    value = x.get(slot / topK * shape.get(1) + k);
                    weight = weights.get(slot);
                }
                float product = value * weight;
                if (narrow == 1) {
                    product = RoundToDtype.round(value * RoundToDtype.round(weight, rounding), rounding);
                }
                rows.set(m * shape.get(1) + k, product);
            }
        }
    }

    /**
     * {@link GatedActivation} of rows that are gates and then ups.
     *
     * @param gateUp {@code [M, 2I]}
     * @param shape M and I
     * @param activated {@code [M, I]}
     */
    static void activate(FloatArray gateUp, IntArray shape, FloatArray activated, float alpha, float limit,
            float upOffset) {
        for (@Parallel int i = 0; i < shape.get(1); i++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int first = m * 2 * shape.get(1);
                float gate = gateUp.get(first + i);
                float up = gateUp.get(first + shape.get(1) + i);
                if (gate > limit) {
                    gate = limit;
                }
                if (up > limit) {
                    up = limit;
                }
                if (up < -limit) {
                    up = -limit;
                }
                float silu = gate / (1.0f + TornadoMath.exp(-alpha * gate));
                activated.set(m * shape.get(1) + i, (up + upOffset) * silu);
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
