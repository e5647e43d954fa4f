package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.E8M0;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels that give every group of every row its scale, one work-item per group. */
final class GroupScales {
    private GroupScales() {
    }

    /** How many groups of this size K has. */
    static int groups(int inputs, int groupSize) {
        if (inputs % groupSize != 0) {
            throw new IllegalArgumentException(
                    "K = " + inputs + " is not divisible by the group size " + groupSize);
        }
        return inputs / groupSize;
    }

    /**
     * E8M0 scales by the rule whose thresholds are given.
     *
     * @param x {@code [M, K]}
     * @param thresholds the values of amax at which the byte steps
     * @param powers 256 values, those of the bytes
     * @param shape M and K
     * @param scaleCodes {@code [M, K/groupSize]}, the bytes
     * @param scales {@code [M, K/groupSize]}, what they are worth
     * @param underflowCode the byte of an amax above no threshold
     */
    static void e8m0(FloatArray x, FloatArray thresholds, FloatArray powers, IntArray shape,
            IntArray scaleCodes,
            FloatArray scales, int inputs, int groupSize, int underflowCode) {
        for (@Parallel
        int g = 0; g < inputs / groupSize; g++) {
            for (@Parallel
            int m = 0; m < shape.get(0); m++) {
                float amax = 0.0f;
                int first = m * inputs + g * groupSize;
                for (int i = 0; i < groupSize; i++) {
                    amax = TornadoMath.max(amax, TornadoMath.abs(x.get(first + i)));
                }
                int code = E8M0.encode(amax, thresholds, underflowCode);
                int group = m * (inputs / groupSize) + g;
                scaleCodes.set(group, code);
                scales.set(group, powers.get(code));
            }
        }
    }
}
