package org.quantado.kernels.experts;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The kernel of {@link GatedActivation}. */
final class GateKernels {
    static final float SQRT_HALF = 0.70710677f;

    /** {@code 2 sqrt(2 / pi)}: {@code 1 + tanh(z) = 2 / (1 + exp(-2z))}. */
    static final float TWICE_SQRT_TWO_OVER_PI = 1.595769f;

    /** Of the cube in {@link GatedActivation.Gate#GELU_TANH}. */
    static final float CUBE = 0.044715f;

    /** Coefficients of {@link #normalBelow}: p and a1 to a5 of the source. */
    static final float ERF_P = 0.3275911f;
    static final float ERF_1 = 0.2548296f;
    static final float ERF_2 = -0.28449672f;
    static final float ERF_3 = 1.4214138f;
    static final float ERF_4 = -1.4531521f;
    static final float ERF_5 = 1.0614054f;

    private GateKernels() {
    }

    /**
     * Rows that are gates and then ups.
     *
     * @param gateUp {@code [M, 2I]}
     * @param shape M and I
     * @param activated {@code [M, I]}
     * @param kind number of a {@link GatedActivation.Gate}
     */
    static void activate(FloatArray gateUp, IntArray shape, FloatArray activated, int kind, float alpha, float limit,
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
                float opened = 0.0f;
                if (kind == 1) {
                    opened = gate * normalBelow(gate);
                } else {
                    float steep = alpha * gate;
                    if (kind == 2) {
                        steep = TWICE_SQRT_TWO_OVER_PI * (gate + CUBE * gate * gate * gate);
                    }
                    opened = gate / (1.0f + TornadoMath.exp(-steep));
                }
                activated.set(m * shape.get(1) + i, (up + upOffset) * opened);
            }
        }
    }

    /**
     * How much of the normal distribution is below z: {@code erfc(-z / sqrt(2)) / 2}, within 1e-7.
     *
     * <p>Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
     */
    private static float normalBelow(float z) {
        float x = TornadoMath.abs(z) * SQRT_HALF;
        float t = 1.0f / (1.0f + ERF_P * x);
        float polynomial = t * (ERF_1 + t * (ERF_2 + t * (ERF_3 + t * (ERF_4 + t * ERF_5))));
        float tail = 0.5f * polynomial * TornadoMath.exp(-x * x);
        return z < 0.0f ? tail : 1.0f - tail;
    }
}
