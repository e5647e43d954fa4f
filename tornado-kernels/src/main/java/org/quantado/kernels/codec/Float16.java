package org.quantado.kernels.codec;

/** IEEE 754 binary16. Rounding is to nearest, ties to even. */
public final class Float16 {
    /** The largest finite value. */
    public static final float MAX_VALUE = 65504.0f;

    private Float16() {
    }

    /** The float with the same value. */
    public static float toFloat(short bits) {
        return Float.float16ToFloat(bits);
    }

    /** The nearest binary16; values beyond its range become infinite. */
    public static short fromFloat(float value) {
        return Float.floatToFloat16(value);
    }

    /** The value of the nearest binary16. */
    public static float round(float value) {
        return toFloat(fromFloat(value));
    }
}
