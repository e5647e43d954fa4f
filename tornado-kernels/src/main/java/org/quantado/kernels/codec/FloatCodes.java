package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Encoding to sign-and-magnitude float formats of at most eight bits. */
public final class FloatCodes {
    private FloatCodes() {
    }

    /**
     * The code of a value: the rank of its magnitude among the magnitudes' thresholds, and a sign bit. Kernel-usable.
     *
     * @param value what to encode
     * @param signed below zero exactly where the code's sign is to be set
     * @param thresholds of the non-negative codes, padded with +Inf to {@code size}
     * @param size a power of two
     * @param signBit the bit of a code that holds the sign
     * @param nanCode the code of NaN
     */
    public static int encode(float value, float signed, FloatArray thresholds, int size, int signBit,
            int nanCode) {
        int magnitude = Thresholds.rank(thresholds, size, TornadoMath.abs(value));
        int sign = signed < 0.0f ? signBit : 0;
        return Float.isNaN(value) ? nanCode : magnitude + sign;
    }
}
