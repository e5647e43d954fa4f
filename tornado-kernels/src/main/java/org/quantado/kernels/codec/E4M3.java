package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * FP8 E4M3, the variant without infinities that PyTorch calls {@code float8_e4m3fn}: one sign, four exponent and
 * three mantissa bits, bias 7, largest value 448, NaN at 0x7f and 0xff.
 *
 * <p>
 * Source: OCP 8-bit Floating Point Specification (OFP8), revision 1.0, section 5. Encoding rounds to nearest, ties to
 * even, and keeps the sign of zero.
 */
public final class E4M3 {
    /** The largest finite value. */
    public static final float MAX_VALUE = 448.0f;
    /** The code of NaN whose sign bit is clear; every NaN is encoded to it. */
    public static final int NAN_CODE = 0x7f;
    /** The bit of a code that holds the sign. */
    public static final int SIGN_BIT = 0x80;
    /** One over the smallest normal value, for {@link FloatCodes#nearest}. */
    public static final float INVERSE_NORMAL = 0x1p6f;
    /** Codes from a power of two to the next, for {@link FloatCodes#nearest}. */
    public static final float STEPS_PER_OCTAVE = 8.0f;
    /** The entries of a table of {@link #thresholds thresholds}. */
    public static final int THRESHOLDS = 128;

    /** What happens to values whose nearest value, were the exponent range larger, lies beyond 448. */
    public enum Overflow {
        /** Magnitudes above 464 become NaN, as in PyTorch's cast to {@code float8_e4m3fn}. */
        NAN,
        /** They become 448, as where values are clamped before the cast. */
        SATURATE
    }

    private static final int EXPONENT_BIAS = 7;
    private static final int MANTISSA_BITS = 3;
    private static final float[] VALUES = values();
    private static final FloatArray NAN_THRESHOLDS = buildThresholds(Overflow.NAN);
    private static final FloatArray SATURATE_THRESHOLDS = buildThresholds(Overflow.SATURATE);

    private E4M3() {
    }

    /** The value of a code 0 to 255. */
    public static float decode(int code) {
        return VALUES[code];
    }

    /** The values of all 256 codes, in a new array. */
    public static FloatArray table() {
        return FloatArray.fromArray(VALUES);
    }

    /** The code nearest to a value, ties to even; NaN gives {@link #NAN_CODE}. */
    public static int encode(float value, Overflow overflow) {
        return encode(value, overflow == Overflow.NAN ? NAN_THRESHOLDS : SATURATE_THRESHOLDS);
    }

    /**
     * The code nearest to a value. Kernel-usable.
     *
     * @param thresholds from {@link #thresholds}, which also decides what happens on overflow
     */
    public static int encode(float value, FloatArray thresholds) {
        float belowZeroForNegativeZeroToo = value + 1.0f / value;
        return FloatCodes.encode(value, belowZeroForNegativeZeroToo, thresholds, THRESHOLDS, SIGN_BIT,
                NAN_CODE);
    }

    /** The magnitudes at which the code steps, in a new array of {@value #THRESHOLDS} entries. */
    public static FloatArray thresholds(Overflow overflow) {
        return Thresholds.copyOf(overflow == Overflow.NAN ? NAN_THRESHOLDS : SATURATE_THRESHOLDS);
    }

    private static FloatArray buildThresholds(Overflow overflow) {
        float[] magnitudes = new float[overflow == Overflow.NAN ? NAN_CODE + 1 : NAN_CODE];
        for (int code = 0; code < magnitudes.length; code++) {
            magnitudes[code] = magnitude(code);
        }
        return Thresholds.toNearestEven(magnitudes);
    }

    private static float[] values() {
        float[] values = new float[2 * SIGN_BIT];
        for (int code = 0; code < SIGN_BIT; code++) {
            float value = code == NAN_CODE ? Float.NaN : magnitude(code);
            values[code] = value;
            values[code + SIGN_BIT] = -value;
        }
        return values;
    }

    /** The value of a code 0 to 127, as if 127 were not NaN but the number 480 that follows 448. */
    private static float magnitude(int code) {
        int exponent = code >> MANTISSA_BITS;
        int mantissa = code & ((1 << MANTISSA_BITS) - 1);
        int implicitOne = exponent == 0 ? 0 : 1 << MANTISSA_BITS;
        return Math.scalb((float) (implicitOne + mantissa),
                Math.max(exponent, 1) - EXPONENT_BIAS - MANTISSA_BITS);
    }
}
