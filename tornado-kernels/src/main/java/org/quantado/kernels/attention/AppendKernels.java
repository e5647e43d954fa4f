package org.quantado.kernels.attention;

import org.quantado.kernels.codec.FloatCodes;
import org.quantado.kernels.codec.HalfCodes;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels that put heads of keys or of values into the cache, one work-item for each word. In all of them {@code from} is the
 * layout of the heads of x, {@code places} and {@code layer} say where they stand, {@code shape} begins with M, and
 * {@code sizes} holds the cache's sequences and positions, where the scales of these heads begin, and how many positions lie
 * side by side.
 */
final class AppendKernels {
    private AppendKernels() {
    }

    /** Where word w of head h of row m is in the cache, {@code words} to a head. */
    private static int place(IntArray places, IntArray layer, IntArray from, IntArray sizes, int m, int h, int w,
            int words) {
        int head = (layer.get(0) * sizes.get(0) + places.get(2 * m)) * from.get(1) + h;
        int position = places.get(2 * m + 1);
        int side = sizes.get(3);
        return (head * sizes.get(1) + position / side * side) * words + w * side + position % side;
    }

    static void appendFloats(FloatArray x, IntArray from, IntArray places, IntArray layer, IntArray shape,
            IntArray sizes,
            FloatArray cache) {
        for (@Parallel int e = 0; e < from.get(1) * from.get(2); e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int size = from.get(2);
                int h = e / size;
                int i = e % size;
                cache.set(place(places, layer, from, sizes, m, h, i, size),
                        x.get(m * from.get(4) + from.get(0) + h * from.get(3) + i));
            }
        }
    }

    /** @param binary16 1 for binary16, 0 for bfloat16 */
    static void appendHalves(FloatArray x, IntArray from, IntArray places, IntArray layer, IntArray shape,
            IntArray sizes,
            IntArray cache, int binary16) {
        for (@Parallel int e = 0; e < from.get(1) * from.get(2) / 2; e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int words = from.get(2) / 2;
                int h = e / words;
                int w = e % words;
                int at = m * from.get(4) + from.get(0) + h * from.get(3) + w;
                int word = 0;
                if (binary16 == 1) {
                    word = HalfCodes.toF16(x.get(at)) | (HalfCodes.toF16(x.get(at + words)) << 16);
                } else {
                    word = HalfCodes.toBF16(x.get(at)) | (HalfCodes.toBF16(x.get(at + words)) << 16);
                }
                cache.set(place(places, layer, from, sizes, m, h, w, words), word);
            }
        }
    }

    /**
     * E4M3 codes of {@code x / scale}, clamped.
     *
     * @param scales {@code [2, L]}
     * @param largest code of a magnitude
     */
    static void appendBytes(FloatArray x, IntArray from, FloatArray scales, IntArray places, IntArray layer,
            IntArray shape,
            IntArray sizes, IntArray cache, float inverseNormal, float stepsPerOctave, int largest, int signBit,
            int nanCode) {
        for (@Parallel int e = 0; e < from.get(1) * from.get(2) / 4; e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int words = from.get(2) / 4;
                int h = e / words;
                int w = e % words;
                int first = m * from.get(4) + from.get(0) + h * from.get(3) + w;
                float scale = scales.get(sizes.get(2) + layer.get(0));
                int word = 0;
                for (int f = 0; f < 4; f++) {
                    float scaled = x.get(first + f * words) / scale;
                    float belowZeroForNegativeZeroToo = scaled + 1.0f / scaled;
                    int magnitude = FloatCodes.nearest(TornadoMath.abs(scaled), inverseNormal, stepsPerOctave, largest);
                    int sign = belowZeroForNegativeZeroToo < 0.0f ? signBit : 0;
                    int code = Float.isNaN(scaled) ? nanCode : magnitude + sign;
                    word = word | (code << (8 * f));
                }
                cache.set(place(places, layer, from, sizes, m, h, w, words), word);
            }
        }
    }
}
