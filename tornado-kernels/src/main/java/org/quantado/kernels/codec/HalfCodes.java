package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** Encoding to 16-bit floats by arithmetic, for kernels, which cannot take a float for its bits. */
public final class HalfCodes {
    private static final int SIGN_BIT = 0x8000;
    private static final int MANTISSA_BITS_OF_F16 = 10;
    private static final int MANTISSA_BITS_OF_BF16 = 7;
    private static final int LOWEST_EXPONENT_OF_F16 = -14;
    private static final int LOWEST_EXPONENT_OF_BF16 = -126;
    private static final int INFINITY_OF_F16 = 0x7c00;
    private static final int INFINITY_OF_BF16 = 0x7f80;
    /** The highest bit of the mantissa of a quiet NaN, above an exponent of ones. */
    private static final int NAN_OF_F16 = 0x7e00;
    private static final int NAN_OF_BF16 = 0x7fc0;

    private HalfCodes() {
    }

    /** The binary16 nearest to a value, ties to even; NaN is quiet and has no sign. Kernel-usable. */
    public static int toF16(float value) {
        return nearest(value, MANTISSA_BITS_OF_F16, LOWEST_EXPONENT_OF_F16, INFINITY_OF_F16, NAN_OF_F16);
    }

    /** The bfloat16 nearest to a value, ties to even; NaN is quiet and has no sign. Kernel-usable. */
    public static int toBF16(float value) {
        return nearest(value, MANTISSA_BITS_OF_BF16, LOWEST_EXPONENT_OF_BF16, INFINITY_OF_BF16, NAN_OF_BF16);
    }

    /**
     * The magnitude is halved or doubled into the octave of 1, and the steps of its exponent are counted. Every product is
     * exact.
     */
    private static int nearest(float value, int mantissaBits, int lowestExponent, int infinity, int nan) {
        float m = TornadoMath.min(TornadoMath.abs(value), Float.MAX_VALUE);
        int up6 = m >= 0x1p64f ? 64 : 0;
        m = m >= 0x1p64f ? m * 0x1p-64f : m;
        int up5 = m >= 0x1p32f ? 32 : 0;
        m = m >= 0x1p32f ? m * 0x1p-32f : m;
        int up4 = m >= 0x1p16f ? 16 : 0;
        m = m >= 0x1p16f ? m * 0x1p-16f : m;
        int up3 = m >= 0x1p8f ? 8 : 0;
        m = m >= 0x1p8f ? m * 0x1p-8f : m;
        int up2 = m >= 0x1p4f ? 4 : 0;
        m = m >= 0x1p4f ? m * 0x1p-4f : m;
        int up1 = m >= 0x1p2f ? 2 : 0;
        m = m >= 0x1p2f ? m * 0x1p-2f : m;
        int up0 = m >= 2.0f ? 1 : 0;
        m = m >= 2.0f ? m * 0.5f : m;
        int down6 = m < 0x1p-63f ? 64 : 0;
        m = m < 0x1p-63f ? m * 0x1p64f : m;
        int down5 = m < 0x1p-31f ? 32 : 0;
        m = m < 0x1p-31f ? m * 0x1p32f : m;
        int down4 = m < 0x1p-15f ? 16 : 0;
        m = m < 0x1p-15f ? m * 0x1p16f : m;
        int down3 = m < 0x1p-7f ? 8 : 0;
        m = m < 0x1p-7f ? m * 0x1p8f : m;
        int down2 = m < 0x1p-3f ? 4 : 0;
        m = m < 0x1p-3f ? m * 0x1p4f : m;
        int down1 = m < 0x1p-1f ? 2 : 0;
        m = m < 0x1p-1f ? m * 0x1p2f : m;
        int down0 = m < 1.0f ? 1 : 0;
        m = m < 1.0f ? m * 2.0f : m;
        int exponent = up6 + up5 + up4 + up3 + up2 + up1 + up0
                - (down6 + down5 + down4 + down3 + down2 + down1 + down0);
        int tooLow = Math.max(0, lowestExponent - exponent);
        float steps = m * (1 << mantissaBits) / (1 << Math.min(tooLow, 24));
        int floor = (int) steps;
        float rest = steps - floor;
        int upFromTie = rest == 0.5f ? floor & 1 : 0;
        int roundUp = rest > 0.5f ? 1 : upFromTie;
        int octaves = exponent + tooLow - lowestExponent;
        int magnitude = Math.min((octaves << mantissaBits) + floor + roundUp, infinity);
        float belowZeroForNegativeZeroToo = value + 1.0f / value;
        int sign = belowZeroForNegativeZeroToo < 0.0f ? SIGN_BIT : 0;
        return Float.isNaN(value) ? nan : magnitude + sign;
    }
}
