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
     * @param thresholds of the non-negative codes, padded with +Inf to {@code size}
     * @param size a power of two
     * @param signBit added to the code of a value below zero, also where its magnitude rounds to zero
     * @param negativeZeroCode the code of -0.0
     * @param nanCode the code of NaN
     */
    public static int encode(float value, FloatArray thresholds, int size, int signBit, int negativeZeroCode,
            int nanCode) {
        int magnitude = Thresholds.rank(thresholds, size, TornadoMath.abs(value));
        int zeroSign = 1.0f / value < 0.0f ? negativeZeroCode : 0;
        int sign = value < 0.0f ? signBit : (value == 0.0f ? zeroSign : 0);
        return Float.isNaN(value) ? nanCode : magnitude + sign;
    }
}
