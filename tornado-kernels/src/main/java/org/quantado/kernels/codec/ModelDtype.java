package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The float types that models compute in. */
public enum ModelDtype {
    /** IEEE 754 binary32. */
    F32(24, Float.MIN_EXPONENT, Float.MAX_EXPONENT) {
        @Override
        public float round(float value) {
            return value;
        }
    },
    /** bfloat16. */
    BF16(8, Float.MIN_EXPONENT, Float.MAX_EXPONENT) {
        @Override
        public float round(float value) {
            return BFloat16.round(value);
        }
    },
    /** IEEE 754 binary16. */
    F16(11, -14, 15) {
        @Override
        public float round(float value) {
            return Float16.round(value);
        }
    };

    private final int significantBits;
    private final int minExponent;
    private final int maxExponent;

    ModelDtype(int significantBits, int minExponent, int maxExponent) {
        this.significantBits = significantBits;
        this.minExponent = minExponent;
        this.maxExponent = maxExponent;
    }

    /** The nearest value of this type, ties to even; beyond its range, infinity. */
    public abstract float round(float value);

    /** The distance between 1 and the next larger value of this type. */
    public float epsilon() {
        return Math.scalb(1.0f, 1 - significantBits);
    }

    /** The table with which {@link RoundToDtype#round} rounds to this type on a device, in a new array. */
    public FloatArray roundingTable() {
        return RoundToDtype.table(significantBits, minExponent, maxExponent);
    }
}
