package org.quantado.kernels.codec;

/** All bfloat16 values: every sign and exponent, subnormals, infinities and NaNs. The index is the bit pattern. */
final class EveryBFloat16 {
    private EveryBFloat16() {
    }

    static float[] values() {
        float[] values = new float[1 << Short.SIZE];
        for (int bits = 0; bits < values.length; bits++) {
            values[bits] = BFloat16.toFloat((short) bits);
        }
        return values;
    }
}
