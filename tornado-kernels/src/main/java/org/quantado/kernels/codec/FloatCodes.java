package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Encoding to sign-and-magnitude float formats of at most eight bits. */
public final class FloatCodes {
    private FloatCodes() {
    }

    /**
     * The code of a magnitude, to nearest with ties to even, by arithmetic instead of a search: what is above the
     * smallest normal value is halved into its octave, and the steps of the octave are counted. Every product is exact.
     * Kernel-usable.
     *
     * @param magnitude not negative; what NaN gives is not defined
     * @param inverseNormal one over the smallest normal value
     * @param stepsPerOctave codes from a power of two to the next, a power of two
     * @param largest code that there is, of at most 15 octaves
     */
    public static int nearest(float magnitude, float inverseNormal, float stepsPerOctave, int largest) {
        float ratio = TornadoMath.min(magnitude * inverseNormal, 65536.0f);
        int above8 = ratio >= 256.0f ? 8 : 0;
        float in8 = ratio >= 256.0f ? ratio * (1.0f / 256.0f) : ratio;
        int above4 = in8 >= 16.0f ? 4 : 0;
        float in4 = in8 >= 16.0f ? in8 * (1.0f / 16.0f) : in8;
        int above2 = in4 >= 4.0f ? 2 : 0;
        float in2 = in4 >= 4.0f ? in4 * (1.0f / 4.0f) : in4;
        int above1 = in2 >= 2.0f ? 1 : 0;
        float inOctave = in2 >= 2.0f ? in2 * (1.0f / 2.0f) : in2;
        float steps = inOctave * stepsPerOctave;
        int down = (int) steps;
        float rest = steps - down;
        int upFromTie = rest == 0.5f ? down & 1 : 0;
        int up = rest > 0.5f ? 1 : upFromTie;
        return Math.min(down + up + (above8 + above4 + above2 + above1) * (int) stepsPerOctave, largest);
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
