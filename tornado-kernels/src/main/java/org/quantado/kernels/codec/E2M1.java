package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * FP4 E2M1: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives; no infinities, no NaN.
 *
 * <p>
 * Source: OCP Microscaling Formats (MX) Specification, revision 1.0, section 5.3.3. Encoding clamps to 6 and rounds to
 * nearest, ties to the even code. The sign bit says {@code value < 0}, as compressed-tensors stores it: a small negative
 * value becomes code 8 (-0.0), but -0.0 itself becomes code 0. NaN becomes code 0.
 */
public final class E2M1 {
    /** The largest value. */
    public static final float MAX_VALUE = 6.0f;
    /** The bit of a code that holds the sign. */
    public static final int SIGN_BIT = 8;
    /** One over the smallest normal value, for {@link FloatCodes#nearest}. */
    public static final float INVERSE_NORMAL = 1.0f;
    /** Codes from a power of two to the next, for {@link FloatCodes#nearest}. */
    public static final float STEPS_PER_OCTAVE = 2.0f;

    private static final float[] MAGNITUDES = {0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f};
    private static final FloatArray STEPS = Thresholds.toNearestEven(MAGNITUDES);

    private E2M1() {
    }

    /** The value of a code 0 to 15. */
    public static float decode(int code) {
        float magnitude = MAGNITUDES[code % SIGN_BIT];
        return code < SIGN_BIT ? magnitude : -magnitude;
    }

    /** The values of all 16 codes, in a new array. */
    public static FloatArray table() {
        FloatArray table = new FloatArray(2 * SIGN_BIT);
        for (int code = 0; code < table.getSize(); code++) {
            table.set(code, decode(code));
        }
        return table;
    }

    /** The code nearest to a value. */
    public static int encode(float value) {
        return FloatCodes.encode(value, value, STEPS, STEPS.getSize(), SIGN_BIT, 0);
    }
}
