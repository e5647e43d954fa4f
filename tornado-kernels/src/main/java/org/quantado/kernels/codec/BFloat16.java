package org.quantado.kernels.codec;

/** bfloat16: the upper half of a float. Rounding is to nearest, ties to even; NaN becomes the quiet NaN 0x7fc0. */
public final class BFloat16 {
    private static final short QUIET_NAN = 0x7fc0;
    private static final int DROPPED_BITS = 16;
    /** One less than half of the last bit that is kept: rounds up above halfway, and with that bit added, at halfway too. */
    private static final int BELOW_HALF = (1 << (DROPPED_BITS - 1)) - 1;

    private BFloat16() {
    }

    /** The float with the same value. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << DROPPED_BITS);
    }

    /** The nearest bfloat16; values beyond its range become infinite. */
    public static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        int lastKeptBit = (bits >>> DROPPED_BITS) & 1;
        return Float.isNaN(value) ? QUIET_NAN : (short) ((bits + BELOW_HALF + lastKeptBit) >>> DROPPED_BITS);
    }

    /** The value of the nearest bfloat16. */
    public static float round(float value) {
        return toFloat(fromFloat(value));
    }
}
