package org.quantado.kernels.matmul.cpu;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;
import uk.ac.manchester.tornado.api.types.vectors.Int16;

/**
 * Kernels of {@link CpuKernels} for weights that are 16-bit floats, which are decoded by arithmetic: a kernel cannot take bits
 * for a float. Their arguments are those of {@link CpuRow#oneRowOfBytes}, the bits of the mantissa, and its {@link #unit}.
 */
final class CpuHalves {
    /** What {@link #decode} gives is to be multiplied by, for bfloat16. */
    private static final float UNIT_OF_BF16 = 0x1p-13f;

    /** The same for binary16. */
    private static final float UNIT_OF_F16 = 0x1p96f;

    private CpuHalves() {
    }

    /** For kernels, by the bits of the mantissa. */
    static float unit(int mantissaBits) {
        return mantissaBits == 7 ? UNIT_OF_BF16 : UNIT_OF_F16;
    }

    /**
     * The numbers in the 16 bits of each lane from bit {@code shift} on: of exponent {@code 16 h + l} they are
     * {@code digits * 2^l * (2^(2h - 15))^8 * unit}, where both powers are exact as integers and floats.
     */
    private static Float16 decode(Int16 word, int shift, int mantissaBits, float unit) {
        Float16 values = new Float16();
        for (int i = 0; i < 16; i++) {
            int code = word.get(i) >> shift;
            int exponent = (code >> mantissaBits) & ((1 << (15 - mantissaBits)) - 1);
            int normal = Math.min(exponent, 1);
            int up = exponent - normal;
            int digits = ((code & ((1 << mantissaBits) - 1)) | (normal << mantissaBits)) << (up & 15);
            int sign = (code << 16) >> 31;
            float root = (float) (1 << ((up >> 4) * 2)) * 0x1p-15f;
            float square = root * root;
            float fourth = square * square;
            values.set(i, (float) ((digits ^ sign) - sign) * unit * fourth * fourth);
        }
        return values;
    }

    /** For single rows of x. */
    public static void oneRow(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int mantissaBits,
            float unit,
            int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < shape.get(0); b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int pairsPerGroup = sizes.get(1) * 4;
                int at = b * sizes.get(3);
                int position = tile * sizes.get(2);
                Int16 word0 = words.get(position);
                Int16 word1 = words.get(position + 1);
                Float16 sum = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    Float16 dot0 = CpuLanes.splat(0.0f);
                    Float16 dot1 = CpuLanes.splat(0.0f);
                    Float16 dot2 = CpuLanes.splat(0.0f);
                    Float16 dot3 = CpuLanes.splat(0.0f);
                    for (int pair = 0; pair < pairsPerGroup; pair++) {
                        position += 2;
                        Int16 next0 = words.get(position);
                        Int16 next1 = words.get(position + 1);
                        dot0 = CpuLanes.multiplyAdd(dot0,
                                CpuLanes.withoutZero(decode(word0, 0, mantissaBits, unit), zero, hasZeros), x.get(at));
                        dot1 = CpuLanes.multiplyAdd(dot1,
                                CpuLanes.withoutZero(decode(word0, 16, mantissaBits, unit), zero, hasZeros),
                                x.get(at + 1));
                        dot2 = CpuLanes.multiplyAdd(dot2,
                                CpuLanes.withoutZero(decode(word1, 0, mantissaBits, unit), zero, hasZeros),
                                x.get(at + 2));
                        dot3 = CpuLanes.multiplyAdd(dot3,
                                CpuLanes.withoutZero(decode(word1, 16, mantissaBits, unit), zero, hasZeros),
                                x.get(at + 3));
                        at += 4;
                        word0 = next0;
                        word1 = next1;
                    }
                    Float16 dot = CpuLanes.add(dot0, dot1, dot2, dot3);
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(tile * groups + g)));
                }
                CpuLanes.store(y, b, t * 16, shape, sum);
            }
        }
    }

    /** For blocks of four rows of x: each weight is decoded once for all of them. */
    public static void fourRows(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int mantissaBits,
            float unit,
            int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerGroup = sizes.get(1) * 8;
                int at = b * sizes.get(3) * 4;
                int position = tile * sizes.get(2);
                Int16 word = words.get(position);
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 scale = scales.get(tile * groups + g);
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    for (int w = 0; w < wordsPerGroup; w++) {
                        position++;
                        Int16 next = words.get(position);
                        Float16 weight0 = Float16.mult(
                                CpuLanes.withoutZero(decode(word, 0, mantissaBits, unit), zero, hasZeros),
                                scale);
                        Float16 weight1 = Float16.mult(
                                CpuLanes.withoutZero(decode(word, 16, mantissaBits, unit), zero, hasZeros),
                                scale);
                        sum0 = CpuLanes.multiplyAdd(sum0, weight0, weight1, x, at, 4);
                        sum1 = CpuLanes.multiplyAdd(sum1, weight0, weight1, x, at + 1, 4);
                        sum2 = CpuLanes.multiplyAdd(sum2, weight0, weight1, x, at + 2, 4);
                        sum3 = CpuLanes.multiplyAdd(sum3, weight0, weight1, x, at + 3, 4);
                        at += 8;
                        word = next;
                    }
                }
                CpuLanes.store(y, b * 4 + 3, t * 16, shape, sum3);
                CpuLanes.store(y, b * 4 + 2, t * 16, shape, sum2);
                CpuLanes.store(y, b * 4 + 1, t * 16, shape, sum1);
                CpuLanes.store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link #fourRows}, for blocks of sixteen rows of x. */
    public static void sixteenRows(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int mantissaBits,
            float unit,
            int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 15) / 16; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerGroup = sizes.get(1) * 8;
                int at = b * sizes.get(3) * 16;
                int position = tile * sizes.get(2);
                Int16 word = words.get(position);
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
                Float16 sum4 = bias.get(tile);
                Float16 sum5 = bias.get(tile);
                Float16 sum6 = bias.get(tile);
                Float16 sum7 = bias.get(tile);
                Float16 sum8 = bias.get(tile);
                Float16 sum9 = bias.get(tile);
                Float16 sum10 = bias.get(tile);
                Float16 sum11 = bias.get(tile);
                Float16 sum12 = bias.get(tile);
                Float16 sum13 = bias.get(tile);
                Float16 sum14 = bias.get(tile);
                Float16 sum15 = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 scale = scales.get(tile * groups + g);
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    for (int w = 0; w < wordsPerGroup; w++) {
                        position++;
                        Int16 next = words.get(position);
                        Float16 weight0 = Float16.mult(
                                CpuLanes.withoutZero(decode(word, 0, mantissaBits, unit), zero, hasZeros),
                                scale);
                        Float16 weight1 = Float16.mult(
                                CpuLanes.withoutZero(decode(word, 16, mantissaBits, unit), zero, hasZeros),
                                scale);
                        sum0 = CpuLanes.multiplyAdd(sum0, weight0, weight1, x, at, 16);
                        sum1 = CpuLanes.multiplyAdd(sum1, weight0, weight1, x, at + 1, 16);
                        sum2 = CpuLanes.multiplyAdd(sum2, weight0, weight1, x, at + 2, 16);
                        sum3 = CpuLanes.multiplyAdd(sum3, weight0, weight1, x, at + 3, 16);
                        sum4 = CpuLanes.multiplyAdd(sum4, weight0, weight1, x, at + 4, 16);
                        sum5 = CpuLanes.multiplyAdd(sum5, weight0, weight1, x, at + 5, 16);
                        sum6 = CpuLanes.multiplyAdd(sum6, weight0, weight1, x, at + 6, 16);
                        sum7 = CpuLanes.multiplyAdd(sum7, weight0, weight1, x, at + 7, 16);
                        sum8 = CpuLanes.multiplyAdd(sum8, weight0, weight1, x, at + 8, 16);
                        sum9 = CpuLanes.multiplyAdd(sum9, weight0, weight1, x, at + 9, 16);
                        sum10 = CpuLanes.multiplyAdd(sum10, weight0, weight1, x, at + 10, 16);
                        sum11 = CpuLanes.multiplyAdd(sum11, weight0, weight1, x, at + 11, 16);
                        sum12 = CpuLanes.multiplyAdd(sum12, weight0, weight1, x, at + 12, 16);
                        sum13 = CpuLanes.multiplyAdd(sum13, weight0, weight1, x, at + 13, 16);
                        sum14 = CpuLanes.multiplyAdd(sum14, weight0, weight1, x, at + 14, 16);
                        sum15 = CpuLanes.multiplyAdd(sum15, weight0, weight1, x, at + 15, 16);
                        at += 32;
                        word = next;
                    }
                }
                CpuLanes.store(y, b * 16 + 15, t * 16, shape, sum15);
                CpuLanes.store(y, b * 16 + 14, t * 16, shape, sum14);
                CpuLanes.store(y, b * 16 + 13, t * 16, shape, sum13);
                CpuLanes.store(y, b * 16 + 12, t * 16, shape, sum12);
                CpuLanes.store(y, b * 16 + 11, t * 16, shape, sum11);
                CpuLanes.store(y, b * 16 + 10, t * 16, shape, sum10);
                CpuLanes.store(y, b * 16 + 9, t * 16, shape, sum9);
                CpuLanes.store(y, b * 16 + 8, t * 16, shape, sum8);
                CpuLanes.store(y, b * 16 + 7, t * 16, shape, sum7);
                CpuLanes.store(y, b * 16 + 6, t * 16, shape, sum6);
                CpuLanes.store(y, b * 16 + 5, t * 16, shape, sum5);
                CpuLanes.store(y, b * 16 + 4, t * 16, shape, sum4);
                CpuLanes.store(y, b * 16 + 3, t * 16, shape, sum3);
                CpuLanes.store(y, b * 16 + 2, t * 16, shape, sum2);
                CpuLanes.store(y, b * 16 + 1, t * 16, shape, sum1);
                CpuLanes.store(y, b * 16 + 0, t * 16, shape, sum0);
            }
        }
    }
}
