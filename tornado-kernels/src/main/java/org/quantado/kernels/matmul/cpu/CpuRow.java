package org.quantado.kernels.matmul.cpu;

import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledRows;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;
import uk.ac.manchester.tornado.api.types.vectors.Int16;

/** Kernels of {@link CpuKernels} for single rows of x: weights are decoded where they are multiplied. */
final class CpuRow {
    private CpuRow() {
    }

    /**
     * {@code y[b,n] = bias[n] + sum_g scale[n,g] * sum_k x[b,k] * (value[n,k] - zero[n,g])}, one work-item per tile of
     * 16 n and row b, for codes of 8 bits.
     *
     * @param x {@code [M, K']} as {@link TiledRows} lays it out
     * @param words of {@link TiledWeight}, like scales, zeros and bias
     * @param y {@code [M, N]}
     * @param shape M and N
     * @param blocks {@code [M]}, the block of the weight that row b is multiplied with
     * @param sizes {@link TiledWeight#sizes}; in an array, so that no loop has a constant length
     * @param hasZeros 1 if there are zero points, else 0
     */
    public static void oneRowOfBytes(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < shape.get(0); b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerGroup = sizes.get(1) * 4;
                int at = b * sizes.get(3);
                int position = tile * sizes.get(2);
                Int16 word = words.get(position);
                Float16 sum = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    Float16 dot0 = CpuLanes.splat(0.0f);
                    Float16 dot1 = CpuLanes.splat(0.0f);
                    Float16 dot2 = CpuLanes.splat(0.0f);
                    Float16 dot3 = CpuLanes.splat(0.0f);
                    for (int w = 0; w < wordsPerGroup; w++) {
                        position++;
                        Int16 next = words.get(position);
                        dot0 = CpuLanes.multiplyAdd(dot0,
                                CpuLanes.withoutZero(CpuLanes.integer(word, 0, 8), zero, hasZeros), x.get(at));
                        dot1 = CpuLanes.multiplyAdd(dot1,
                                CpuLanes.withoutZero(CpuLanes.integer(word, 8, 8), zero, hasZeros), x.get(at + 1));
                        dot2 = CpuLanes.multiplyAdd(dot2,
                                CpuLanes.withoutZero(CpuLanes.integer(word, 16, 8), zero, hasZeros), x.get(at + 2));
                        dot3 = CpuLanes.multiplyAdd(dot3,
                                CpuLanes.withoutZero(CpuLanes.integer(word, 24, 8), zero, hasZeros), x.get(at + 3));
                        at += 4;
                        word = next;
                    }
                    Float16 dot = CpuLanes.add(dot0, dot1, dot2, dot3);
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(tile * groups + g)));
                }
                CpuLanes.store(y, b, t * 16, shape, sum);
            }
        }
    }

    /**
     * As {@link #oneRowOfBytes}, for codes of 2 and 4 bits, which are multiplied in their places.
     *
     * @param x {@code [M, K']} of {@link PlacedRows}
     * @param width of a field
     * @param signs {@link TileCode#signsInside}
     */
    public static void oneRowByFours(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width, int signs,
            int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < shape.get(0); b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerGroup = sizes.get(1) * width / 2;
                int at = b * sizes.get(3);
                int position = tile * sizes.get(2);
                Int16 word = words.get(position);
                Float16 sum = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    int group = tile * groups + g;
                    Float16 dot0 = CpuLanes.splat(0.0f);
                    Float16 dot1 = CpuLanes.splat(0.0f);
                    Float16 dot2 = CpuLanes.splat(0.0f);
                    Float16 dot3 = CpuLanes.splat(0.0f);
                    for (int w = 0; w < wordsPerGroup; w++) {
                        position++;
                        Int16 next = words.get(position);
                        Int16 flipped = CpuLanes.flip(word, signs);
                        dot0 = CpuLanes.twoFields(dot0, flipped, 0, width, signs, zeros, group, hasZeros, x, at);
                        dot1 = CpuLanes.twoFields(dot1, flipped, 2 * width, width, signs, zeros, group, hasZeros, x,
                                at + 2);
                        dot2 = CpuLanes.twoFields(dot2, flipped, 4 * width, width, signs, zeros, group, hasZeros, x,
                                at + 4);
                        dot3 = CpuLanes.twoFields(dot3, flipped, 6 * width, width, signs, zeros, group, hasZeros, x,
                                at + 6);
                        if (width < 4) {
                            dot0 = CpuLanes.twoFields(dot0, flipped, 8 * width, width, signs, zeros, group, hasZeros, x,
                                    at + 8);
                            dot1 = CpuLanes.twoFields(dot1, flipped, 10 * width, width, signs, zeros, group, hasZeros,
                                    x, at + 10);
                            dot2 = CpuLanes.twoFields(dot2, flipped, 12 * width, width, signs, zeros, group, hasZeros,
                                    x, at + 12);
                            dot3 = CpuLanes.twoFields(dot3, flipped, 14 * width, width, signs, zeros, group, hasZeros,
                                    x, at + 14);
                        }
                        at += 32 / width;
                        word = next;
                    }
                    Float16 dot = CpuLanes.add(dot0, dot1, dot2, dot3);
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(group)));
                }
                CpuLanes.store(y, b, t * 16, shape, sum);
            }
        }
    }

    /** As {@link #oneRowByFours}, for codes of 5 bits, two runs in five words at a time. */
    public static void oneRowOfFiveBits(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int signs,
            int runsPerGroup, int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < shape.get(0); b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int pairs = sizes.get(2) / 5;
                int at = b * sizes.get(3);
                int position = tile * sizes.get(2);
                Int16 word0 = words.get(position);
                Int16 word1 = words.get(position + 1);
                Int16 word2 = words.get(position + 2);
                Int16 word3 = words.get(position + 3);
                Int16 word4 = words.get(position + 4);
                Float16 sum = bias.get(tile);
                for (int pair = 0; pair < pairs; pair++) {
                    position += 5;
                    Int16 next0 = words.get(position);
                    Int16 next1 = words.get(position + 1);
                    Int16 next2 = words.get(position + 2);
                    Int16 next3 = words.get(position + 3);
                    Int16 next4 = words.get(position + 4);
                    int group = tile * groups + 2 * pair / runsPerGroup;
                    int nextGroup = tile * groups + Math.min((2 * pair + 1) / runsPerGroup, groups - 1);
                    Int16 flipped0 = CpuLanes.flip(word0, signs);
                    Int16 flipped1 = CpuLanes.flip(word1, signs);
                    Int16 flipped2 = CpuLanes.flip(word2, signs);
                    Int16 flipped3 = CpuLanes.flip(word3, signs);
                    Int16 flipped4 = CpuLanes.flip(word4, signs);
                    Float16 dot0 = CpuLanes.splat(0.0f);
                    Float16 dot1 = CpuLanes.splat(0.0f);
                    Float16 dot2 = CpuLanes.splat(0.0f);
                    Float16 dot3 = CpuLanes.splat(0.0f);
                    dot0 = CpuLanes.threeFields(dot0, flipped0, 2, 5, signs, zeros, group, hasZeros, x, at);
                    dot1 = CpuLanes.threeFields(dot1, flipped0, 17, 5, signs, zeros, group, hasZeros, x, at + 3);
                    dot2 = CpuLanes.threeFields(dot2, flipped1, 2, 5, signs, zeros, group, hasZeros, x, at + 6);
                    dot3 = CpuLanes.threeFields(dot3, flipped1, 17, 5, signs, zeros, group, hasZeros, x, at + 9);
                    dot0 = CpuLanes.threeFields(dot0, flipped2, 2, 5, signs, zeros, group, hasZeros, x, at + 12);
                    dot1 = CpuLanes.multiplyAdd(dot1, CpuLanes.field(CpuLanes.evenSpare(flipped0, flipped1, flipped2),
                            27, 5, signs, zeros, group, hasZeros), x.get(at + 15));
                    if (runsPerGroup % 2 == 1) {
                        Float16 even = CpuLanes.add(dot0, dot1, dot2, dot3);
                        sum = Float16.add(sum, Float16.mult(even, scales.get(group)));
                        dot0 = CpuLanes.splat(0.0f);
                        dot1 = CpuLanes.splat(0.0f);
                        dot2 = CpuLanes.splat(0.0f);
                        dot3 = CpuLanes.splat(0.0f);
                    }
                    dot2 = CpuLanes.threeFields(dot2, flipped2, 17, 5, signs, zeros, nextGroup, hasZeros, x, at + 16);
                    dot3 = CpuLanes.threeFields(dot3, flipped3, 2, 5, signs, zeros, nextGroup, hasZeros, x, at + 19);
                    dot0 = CpuLanes.threeFields(dot0, flipped3, 17, 5, signs, zeros, nextGroup, hasZeros, x, at + 22);
                    dot1 = CpuLanes.threeFields(dot1, flipped4, 2, 5, signs, zeros, nextGroup, hasZeros, x, at + 25);
                    dot2 = CpuLanes.threeFields(dot2, flipped4, 17, 5, signs, zeros, nextGroup, hasZeros, x, at + 28);
                    dot3 = CpuLanes.multiplyAdd(dot3, CpuLanes.field(CpuLanes.oddSpare(flipped2, flipped3, flipped4),
                            27, 5, signs, zeros, nextGroup, hasZeros), x.get(at + 31));
                    Float16 dot = CpuLanes.add(dot0, dot1, dot2, dot3);
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(nextGroup)));
                    at += 32;
                    word0 = next0;
                    word1 = next1;
                    word2 = next2;
                    word3 = next3;
                    word4 = next4;
                }
                CpuLanes.store(y, b, t * 16, shape, sum);
            }
        }
    }

    /** As {@link #oneRowOfBytes}, for codes of 10 bits, a run in five words at a time. */
    public static void oneRowOfTenBits(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int digitBits,
            int amountBits,
            int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < shape.get(0); b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int runsPerGroup = sizes.get(1);
                int at = b * sizes.get(3);
                int position = tile * sizes.get(2);
                Int16 word0 = words.get(position);
                Int16 word1 = words.get(position + 1);
                Int16 word2 = words.get(position + 2);
                Int16 word3 = words.get(position + 3);
                Int16 word4 = words.get(position + 4);
                Float16 sum = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    Float16 dot0 = CpuLanes.splat(0.0f);
                    Float16 dot1 = CpuLanes.splat(0.0f);
                    Float16 dot2 = CpuLanes.splat(0.0f);
                    Float16 dot3 = CpuLanes.splat(0.0f);
                    for (int run = 0; run < runsPerGroup; run++) {
                        position += 5;
                        Int16 next0 = words.get(position);
                        Int16 next1 = words.get(position + 1);
                        Int16 next2 = words.get(position + 2);
                        Int16 next3 = words.get(position + 3);
                        Int16 next4 = words.get(position + 4);
                        dot0 = CpuLanes.multiplyAdd(dot0,
                                CpuLanes.withoutZero(CpuLanes.decode(word0, 2, digitBits, amountBits), zero, hasZeros),
                                x.get(at));
                        dot1 = CpuLanes.multiplyAdd(dot1,
                                CpuLanes.withoutZero(CpuLanes.decode(word0, 12, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 1));
                        dot2 = CpuLanes.multiplyAdd(dot2,
                                CpuLanes.withoutZero(CpuLanes.decode(word0, 22, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 2));
                        dot3 = CpuLanes.multiplyAdd(dot3,
                                CpuLanes.withoutZero(CpuLanes.decode(word1, 2, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 3));
                        dot0 = CpuLanes.multiplyAdd(dot0,
                                CpuLanes.withoutZero(CpuLanes.decode(word1, 12, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 4));
                        dot1 = CpuLanes.multiplyAdd(dot1,
                                CpuLanes.withoutZero(CpuLanes.decode(word1, 22, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 5));
                        dot2 = CpuLanes.multiplyAdd(dot2,
                                CpuLanes.withoutZero(CpuLanes.decode(word2, 2, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 6));
                        dot3 = CpuLanes.multiplyAdd(dot3,
                                CpuLanes.withoutZero(CpuLanes.decode(word2, 12, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 7));
                        dot0 = CpuLanes.multiplyAdd(dot0,
                                CpuLanes.withoutZero(CpuLanes.decode(word2, 22, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 8));
                        dot1 = CpuLanes.multiplyAdd(dot1,
                                CpuLanes.withoutZero(CpuLanes.decode(word3, 2, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 9));
                        dot2 = CpuLanes.multiplyAdd(dot2,
                                CpuLanes.withoutZero(CpuLanes.decode(word3, 12, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 10));
                        dot3 = CpuLanes.multiplyAdd(dot3,
                                CpuLanes.withoutZero(CpuLanes.decode(word3, 22, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 11));
                        dot0 = CpuLanes.multiplyAdd(dot0,
                                CpuLanes.withoutZero(CpuLanes.decode(word4, 2, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 12));
                        dot1 = CpuLanes.multiplyAdd(dot1,
                                CpuLanes.withoutZero(CpuLanes.decode(word4, 12, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 13));
                        dot2 = CpuLanes.multiplyAdd(dot2,
                                CpuLanes.withoutZero(CpuLanes.decode(word4, 22, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 14));
                        Int16 spare = CpuLanes.tenSpare(word0, word1, word2, word3, word4);
                        dot3 = CpuLanes.multiplyAdd(dot3,
                                CpuLanes.withoutZero(CpuLanes.decode(spare, 22, digitBits, amountBits), zero, hasZeros),
                                x.get(at + 15));
                        at += 16;
                        word0 = next0;
                        word1 = next1;
                        word2 = next2;
                        word3 = next3;
                        word4 = next4;
                    }
                    Float16 dot = CpuLanes.add(dot0, dot1, dot2, dot3);
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(tile * groups + g)));
                }
                CpuLanes.store(y, b, t * 16, shape, sum);
            }
        }
    }
}
