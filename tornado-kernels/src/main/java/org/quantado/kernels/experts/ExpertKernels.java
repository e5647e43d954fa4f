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
     * Logits {@code x w^T + bias}.
     *
     * @param shape T and E
     */
    static void logits(FloatArray x, FloatArray weight, FloatArray bias, IntArray shape, FloatArray logits,
            int inputs) {
        for (@Parallel
        int e = 0; e < shape.get(1); e++) {
            for (@Parallel
            int t = 0; t < shape.get(0); t++) {
                float sum = 0.0f;
                for (int k = 0; k < inputs; k++) {
                    sum += x.get(t * inputs + k) * weight.get(e * inputs + k);
                }
                logits.set(t * shape.get(1) + e, sum + bias.get(e));
            }
        }
    }

    /** Says on the device how many rows a matrix has: as many as there are slots of local experts. */
    static void countRows(IntArray offsets, IntArray shape) {
        for (@Parallel
        int i = 0; i < shape.getSize(); i++) {
            int size = shape.get(i);
            if (i == 0) {
                size = offsets.get(offsets.getSize() - 1);
            }
            shape.set(i, size);
        }
    }

    /**
     * The token of each slot.
     *
     * @param order slots in the order of their experts
     * @param shape of {@code rows}
     */
    static void gather(FloatArray x, IntArray order, IntArray shape, FloatArray rows, int topK) {
        for (@Parallel
        int k = 0; k < shape.get(1); k++) {
            for (@Parallel
            int m = 0; m < shape.get(0); m++) {
                int token = order.get(m) / topK;
                rows.set(m * shape.get(1) + k, x.get(token * shape.get(1) + k));
            }
        }
    }

    /**
     * The token of each slot times its weight.
     *
     * @param rounding table of the type that weight and product are rounded to, if {@code narrow} is 1
     */
    static void gatherWeighted(FloatArray x, IntArray order, FloatArray weights, FloatArray rounding, IntArray shape,
            FloatArray rows, int topK, int narrow) {
        for (@Parallel
        int k = 0; k < shape.get(1); k++) {
            for (@Parallel
            int m = 0; m < shape.get(0); m++) {
                int slot = order.get(m);
                float value = x.get(slot / topK * shape.get(1) + k);
                float weight = weights.get(slot);
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
        for (@Parallel
        int i = 0; i < shape.get(1); i++) {
            for (@Parallel
            int m = 0; m < shape.get(0); m++) {
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
     * @param results {@code [S, H]}, by the order of experts
     * @param inverse {@code [T, k]}, the row of each slot there, -1 for none
     * @param weights {@code [T, k]}, not read if {@code weighted} is 0
     * @param shared {@code [T, H]}, not read if {@code hasShared} is 0
     * @param shape T and H
     */
    static void combine(FloatArray results, IntArray inverse, FloatArray weights, FloatArray shared, IntArray shape,
            FloatArray y, int topK, int weighted, int hasShared) {
        for (@Parallel
        int h = 0; h < shape.get(1); h++) {
            for (@Parallel
            int t = 0; t < shape.get(0); t++) {
                float sum = 0.0f;
                for (int j = 0; j < topK; j++) {
                    int row = inverse.get(t * topK + j);
                    float weight = 1.0f;
                    if (weighted == 1) {
                        weight = weights.get(t * topK + j);
                    }
                    if (row >= 0) {
                        sum += weight * results.get(row * shape.get(1) + h);
                    }
                }
                if (hasShared == 1) {
                    sum += shared.get(t * shape.get(1) + h);
                }
                y.set(t * shape.get(1) + h, sum);
            }
        }
    }
}
