package org.quantado.kernels.matmul.cpu;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;
import uk.ac.manchester.tornado.api.types.vectors.Int16;

/**
 * Kernels of {@link CpuKernels} for blocks of four rows of x: a weight is decoded once for all of them. Each row has two
 * sums, which take the columns by turns: one alone would be waited for.
 */
final class CpuFourRows {
    private CpuFourRows() {
    }

    /**
     * As {@link CpuRow#oneRowByFours}, for blocks of four rows.
     *
     * @param x {@code [ceil(M / 4), K', 4]} of {@link PlacedRows}
     * @param blocks for each block of rows, the block of the weight
     */
    public static void byFours(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width, int signs,
            int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerGroup = sizes.get(1) * width / 2;
                int at = b * sizes.get(3) * 4;
                int position = tile * sizes.get(2);
                Int16 word = words.get(position);
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    int group = tile * groups + g;
                    Float16 scale = scales.get(group);
                    Float16 even0 = CpuLanes.splat(0.0f);
                    Float16 odd0 = CpuLanes.splat(0.0f);
                    Float16 even1 = CpuLanes.splat(0.0f);
                    Float16 odd1 = CpuLanes.splat(0.0f);
                    Float16 even2 = CpuLanes.splat(0.0f);
                    Float16 odd2 = CpuLanes.splat(0.0f);
                    Float16 even3 = CpuLanes.splat(0.0f);
                    Float16 odd3 = CpuLanes.splat(0.0f);
                    for (int w = 0; w < wordsPerGroup; w++) {
                        position++;
                        Int16 next = words.get(position);
                        Int16 flipped = CpuLanes.flip(word, signs);
                        Float16 weight0 = CpuLanes.field(flipped, 0, width, signs, zeros, group, hasZeros);
                        Float16 weight1 = CpuLanes.field(flipped, width, width, signs, zeros, group, hasZeros);
                        Float16 weight2 = CpuLanes.field(flipped, 2 * width, width, signs, zeros, group, hasZeros);
                        Float16 weight3 = CpuLanes.field(flipped, 3 * width, width, signs, zeros, group, hasZeros);
                        even0 = CpuLanes.multiplyAdd(even0, weight0, weight1, weight2, weight3, x, at, 4);
                        even1 = CpuLanes.multiplyAdd(even1, weight0, weight1, weight2, weight3, x, at + 1, 4);
                        even2 = CpuLanes.multiplyAdd(even2, weight0, weight1, weight2, weight3, x, at + 2, 4);
                        even3 = CpuLanes.multiplyAdd(even3, weight0, weight1, weight2, weight3, x, at + 3, 4);
                        weight0 = CpuLanes.field(flipped, 4 * width, width, signs, zeros, group, hasZeros);
                        weight1 = CpuLanes.field(flipped, 5 * width, width, signs, zeros, group, hasZeros);
                        weight2 = CpuLanes.field(flipped, 6 * width, width, signs, zeros, group, hasZeros);
                        weight3 = CpuLanes.field(flipped, 7 * width, width, signs, zeros, group, hasZeros);
                        odd0 = CpuLanes.multiplyAdd(odd0, weight0, weight1, weight2, weight3, x, at + 16, 4);
                        odd1 = CpuLanes.multiplyAdd(odd1, weight0, weight1, weight2, weight3, x, at + 17, 4);
                        odd2 = CpuLanes.multiplyAdd(odd2, weight0, weight1, weight2, weight3, x, at + 18, 4);
                        odd3 = CpuLanes.multiplyAdd(odd3, weight0, weight1, weight2, weight3, x, at + 19, 4);
                        if (width < 4) {
                            weight0 = CpuLanes.field(flipped, 8 * width, width, signs, zeros, group, hasZeros);
                            weight1 = CpuLanes.field(flipped, 9 * width, width, signs, zeros, group, hasZeros);
                            weight2 = CpuLanes.field(flipped, 10 * width, width, signs, zeros, group, hasZeros);
                            weight3 = CpuLanes.field(flipped, 11 * width, width, signs, zeros, group, hasZeros);
                            even0 = CpuLanes.multiplyAdd(even0, weight0, weight1, weight2, weight3, x, at + 32, 4);
                            even1 = CpuLanes.multiplyAdd(even1, weight0, weight1, weight2, weight3, x, at + 33, 4);
                            even2 = CpuLanes.multiplyAdd(even2, weight0, weight1, weight2, weight3, x, at + 34, 4);
                            even3 = CpuLanes.multiplyAdd(even3, weight0, weight1, weight2, weight3, x, at + 35, 4);
                            weight0 = CpuLanes.field(flipped, 12 * width, width, signs, zeros, group, hasZeros);
                            weight1 = CpuLanes.field(flipped, 13 * width, width, signs, zeros, group, hasZeros);
                            weight2 = CpuLanes.field(flipped, 14 * width, width, signs, zeros, group, hasZeros);
                            weight3 = CpuLanes.field(flipped, 15 * width, width, signs, zeros, group, hasZeros);
                            odd0 = CpuLanes.multiplyAdd(odd0, weight0, weight1, weight2, weight3, x, at + 48, 4);
                            odd1 = CpuLanes.multiplyAdd(odd1, weight0, weight1, weight2, weight3, x, at + 49, 4);
                            odd2 = CpuLanes.multiplyAdd(odd2, weight0, weight1, weight2, weight3, x, at + 50, 4);
                            odd3 = CpuLanes.multiplyAdd(odd3, weight0, weight1, weight2, weight3, x, at + 51, 4);
                        }
                        at += 32 / width * 4;
                        word = next;
                    }
                    sum0 = CpuLanes.addGroup(sum0, even0, odd0, scale);
                    sum1 = CpuLanes.addGroup(sum1, even1, odd1, scale);
                    sum2 = CpuLanes.addGroup(sum2, even2, odd2, scale);
                    sum3 = CpuLanes.addGroup(sum3, even3, odd3, scale);
                }
                CpuLanes.store(y, b * 4 + 3, t * 16, shape, sum3);
                CpuLanes.store(y, b * 4 + 2, t * 16, shape, sum2);
                CpuLanes.store(y, b * 4 + 1, t * 16, shape, sum1);
                CpuLanes.store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link #byFours}, for codes of 5 bits: {@link CpuRow#oneRowOfFiveBits} for four rows. */
    public static void ofFiveBits(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int signs,
            int runsPerGroup, int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int pairs = sizes.get(2) / 5;
                int at = b * sizes.get(3) * 4;
                int position = tile * sizes.get(2);
                Int16 word0 = words.get(position);
                Int16 word1 = words.get(position + 1);
                Int16 word2 = words.get(position + 2);
                Int16 word3 = words.get(position + 3);
                Int16 word4 = words.get(position + 4);
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
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
                    Float16 even0 = CpuLanes.splat(0.0f);
                    Float16 odd0 = CpuLanes.splat(0.0f);
                    Float16 even1 = CpuLanes.splat(0.0f);
                    Float16 odd1 = CpuLanes.splat(0.0f);
                    Float16 even2 = CpuLanes.splat(0.0f);
                    Float16 odd2 = CpuLanes.splat(0.0f);
                    Float16 even3 = CpuLanes.splat(0.0f);
                    Float16 odd3 = CpuLanes.splat(0.0f);
                    Float16 weight0 = CpuLanes.field(flipped0, 2, 5, signs, zeros, group, hasZeros);
                    Float16 weight1 = CpuLanes.field(flipped0, 7, 5, signs, zeros, group, hasZeros);
                    Float16 weight2 = CpuLanes.field(flipped0, 12, 5, signs, zeros, group, hasZeros);
                    even0 = CpuLanes.multiplyAdd(even0, weight0, weight1, weight2, x, at, 4);
                    even1 = CpuLanes.multiplyAdd(even1, weight0, weight1, weight2, x, at + 1, 4);
                    even2 = CpuLanes.multiplyAdd(even2, weight0, weight1, weight2, x, at + 2, 4);
                    even3 = CpuLanes.multiplyAdd(even3, weight0, weight1, weight2, x, at + 3, 4);
                    weight0 = CpuLanes.field(flipped0, 17, 5, signs, zeros, group, hasZeros);
                    weight1 = CpuLanes.field(flipped0, 22, 5, signs, zeros, group, hasZeros);
                    weight2 = CpuLanes.field(flipped0, 27, 5, signs, zeros, group, hasZeros);
                    odd0 = CpuLanes.multiplyAdd(odd0, weight0, weight1, weight2, x, at + 12, 4);
                    odd1 = CpuLanes.multiplyAdd(odd1, weight0, weight1, weight2, x, at + 13, 4);
                    odd2 = CpuLanes.multiplyAdd(odd2, weight0, weight1, weight2, x, at + 14, 4);
                    odd3 = CpuLanes.multiplyAdd(odd3, weight0, weight1, weight2, x, at + 15, 4);
                    weight0 = CpuLanes.field(flipped1, 2, 5, signs, zeros, group, hasZeros);
                    weight1 = CpuLanes.field(flipped1, 7, 5, signs, zeros, group, hasZeros);
                    weight2 = CpuLanes.field(flipped1, 12, 5, signs, zeros, group, hasZeros);
                    even0 = CpuLanes.multiplyAdd(even0, weight0, weight1, weight2, x, at + 24, 4);
                    even1 = CpuLanes.multiplyAdd(even1, weight0, weight1, weight2, x, at + 25, 4);
                    even2 = CpuLanes.multiplyAdd(even2, weight0, weight1, weight2, x, at + 26, 4);
                    even3 = CpuLanes.multiplyAdd(even3, weight0, weight1, weight2, x, at + 27, 4);
                    weight0 = CpuLanes.field(flipped1, 17, 5, signs, zeros, group, hasZeros);
                    weight1 = CpuLanes.field(flipped1, 22, 5, signs, zeros, group, hasZeros);
                    weight2 = CpuLanes.field(flipped1, 27, 5, signs, zeros, group, hasZeros);
                    odd0 = CpuLanes.multiplyAdd(odd0, weight0, weight1, weight2, x, at + 36, 4);
                    odd1 = CpuLanes.multiplyAdd(odd1, weight0, weight1, weight2, x, at + 37, 4);
                    odd2 = CpuLanes.multiplyAdd(odd2, weight0, weight1, weight2, x, at + 38, 4);
                    odd3 = CpuLanes.multiplyAdd(odd3, weight0, weight1, weight2, x, at + 39, 4);
                    weight0 = CpuLanes.field(flipped2, 2, 5, signs, zeros, group, hasZeros);
                    weight1 = CpuLanes.field(flipped2, 7, 5, signs, zeros, group, hasZeros);
                    weight2 = CpuLanes.field(flipped2, 12, 5, signs, zeros, group, hasZeros);
                    even0 = CpuLanes.multiplyAdd(even0, weight0, weight1, weight2, x, at + 48, 4);
                    even1 = CpuLanes.multiplyAdd(even1, weight0, weight1, weight2, x, at + 49, 4);
                    even2 = CpuLanes.multiplyAdd(even2, weight0, weight1, weight2, x, at + 50, 4);
                    even3 = CpuLanes.multiplyAdd(even3, weight0, weight1, weight2, x, at + 51, 4);
                    weight0 = CpuLanes.field(CpuLanes.evenSpare(flipped0, flipped1, flipped2), 27, 5, signs, zeros,
                            group, hasZeros);
                    odd0 = CpuLanes.multiplyAdd(odd0, weight0, x.get(at + 60));
                    odd1 = CpuLanes.multiplyAdd(odd1, weight0, x.get(at + 61));
                    odd2 = CpuLanes.multiplyAdd(odd2, weight0, x.get(at + 62));
                    odd3 = CpuLanes.multiplyAdd(odd3, weight0, x.get(at + 63));
                    if (runsPerGroup % 2 == 1) {
                        sum0 = CpuLanes.addGroup(sum0, even0, odd0, scales.get(group));
                        sum1 = CpuLanes.addGroup(sum1, even1, odd1, scales.get(group));
                        sum2 = CpuLanes.addGroup(sum2, even2, odd2, scales.get(group));
                        sum3 = CpuLanes.addGroup(sum3, even3, odd3, scales.get(group));
                        even0 = CpuLanes.splat(0.0f);
                        odd0 = CpuLanes.splat(0.0f);
                        even1 = CpuLanes.splat(0.0f);
                        odd1 = CpuLanes.splat(0.0f);
                        even2 = CpuLanes.splat(0.0f);
                        odd2 = CpuLanes.splat(0.0f);
                        even3 = CpuLanes.splat(0.0f);
                        odd3 = CpuLanes.splat(0.0f);
                    }
                    weight0 = CpuLanes.field(flipped2, 17, 5, signs, zeros, nextGroup, hasZeros);
                    weight1 = CpuLanes.field(flipped2, 22, 5, signs, zeros, nextGroup, hasZeros);
                    weight2 = CpuLanes.field(flipped2, 27, 5, signs, zeros, nextGroup, hasZeros);
                    even0 = CpuLanes.multiplyAdd(even0, weight0, weight1, weight2, x, at + 64, 4);
                    even1 = CpuLanes.multiplyAdd(even1, weight0, weight1, weight2, x, at + 65, 4);
                    even2 = CpuLanes.multiplyAdd(even2, weight0, weight1, weight2, x, at + 66, 4);
                    even3 = CpuLanes.multiplyAdd(even3, weight0, weight1, weight2, x, at + 67, 4);
                    weight0 = CpuLanes.field(flipped3, 2, 5, signs, zeros, nextGroup, hasZeros);
                    weight1 = CpuLanes.field(flipped3, 7, 5, signs, zeros, nextGroup, hasZeros);
                    weight2 = CpuLanes.field(flipped3, 12, 5, signs, zeros, nextGroup, hasZeros);
                    odd0 = CpuLanes.multiplyAdd(odd0, weight0, weight1, weight2, x, at + 76, 4);
                    odd1 = CpuLanes.multiplyAdd(odd1, weight0, weight1, weight2, x, at + 77, 4);
                    odd2 = CpuLanes.multiplyAdd(odd2, weight0, weight1, weight2, x, at + 78, 4);
                    odd3 = CpuLanes.multiplyAdd(odd3, weight0, weight1, weight2, x, at + 79, 4);
                    weight0 = CpuLanes.field(flipped3, 17, 5, signs, zeros, nextGroup, hasZeros);
                    weight1 = CpuLanes.field(flipped3, 22, 5, signs, zeros, nextGroup, hasZeros);
                    weight2 = CpuLanes.field(flipped3, 27, 5, signs, zeros, nextGroup, hasZeros);
                    even0 = CpuLanes.multiplyAdd(even0, weight0, weight1, weight2, x, at + 88, 4);
                    even1 = CpuLanes.multiplyAdd(even1, weight0, weight1, weight2, x, at + 89, 4);
                    even2 = CpuLanes.multiplyAdd(even2, weight0, weight1, weight2, x, at + 90, 4);
                    even3 = CpuLanes.multiplyAdd(even3, weight0, weight1, weight2, x, at + 91, 4);
                    weight0 = CpuLanes.field(flipped4, 2, 5, signs, zeros, nextGroup, hasZeros);
                    weight1 = CpuLanes.field(flipped4, 7, 5, signs, zeros, nextGroup, hasZeros);
                    weight2 = CpuLanes.field(flipped4, 12, 5, signs, zeros, nextGroup, hasZeros);
                    odd0 = CpuLanes.multiplyAdd(odd0, weight0, weight1, weight2, x, at + 100, 4);
                    odd1 = CpuLanes.multiplyAdd(odd1, weight0, weight1, weight2, x, at + 101, 4);
                    odd2 = CpuLanes.multiplyAdd(odd2, weight0, weight1, weight2, x, at + 102, 4);
                    odd3 = CpuLanes.multiplyAdd(odd3, weight0, weight1, weight2, x, at + 103, 4);
                    weight0 = CpuLanes.field(flipped4, 17, 5, signs, zeros, nextGroup, hasZeros);
                    weight1 = CpuLanes.field(flipped4, 22, 5, signs, zeros, nextGroup, hasZeros);
                    weight2 = CpuLanes.field(flipped4, 27, 5, signs, zeros, nextGroup, hasZeros);
                    even0 = CpuLanes.multiplyAdd(even0, weight0, weight1, weight2, x, at + 112, 4);
                    even1 = CpuLanes.multiplyAdd(even1, weight0, weight1, weight2, x, at + 113, 4);
                    even2 = CpuLanes.multiplyAdd(even2, weight0, weight1, weight2, x, at + 114, 4);
                    even3 = CpuLanes.multiplyAdd(even3, weight0, weight1, weight2, x, at + 115, 4);
                    weight0 = CpuLanes.field(CpuLanes.oddSpare(flipped2, flipped3, flipped4), 27, 5, signs, zeros,
                            nextGroup, hasZeros);
                    odd0 = CpuLanes.multiplyAdd(odd0, weight0, x.get(at + 124));
                    odd1 = CpuLanes.multiplyAdd(odd1, weight0, x.get(at + 125));
                    odd2 = CpuLanes.multiplyAdd(odd2, weight0, x.get(at + 126));
                    odd3 = CpuLanes.multiplyAdd(odd3, weight0, x.get(at + 127));
                    sum0 = CpuLanes.addGroup(sum0, even0, odd0, scales.get(nextGroup));
                    sum1 = CpuLanes.addGroup(sum1, even1, odd1, scales.get(nextGroup));
                    sum2 = CpuLanes.addGroup(sum2, even2, odd2, scales.get(nextGroup));
                    sum3 = CpuLanes.addGroup(sum3, even3, odd3, scales.get(nextGroup));
                    at += 128;
                    word0 = next0;
                    word1 = next1;
                    word2 = next2;
                    word3 = next3;
                    word4 = next4;
                }
                CpuLanes.store(y, b * 4 + 3, t * 16, shape, sum3);
                CpuLanes.store(y, b * 4 + 2, t * 16, shape, sum2);
                CpuLanes.store(y, b * 4 + 1, t * 16, shape, sum1);
                CpuLanes.store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link CpuRow#oneRowOfBytes}, for blocks of four rows, laid out as {@code [ceil(M / 4), K', 4]}. */
    public static void ofBytes(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerGroup = sizes.get(1) * 4;
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
                    Float16 even0 = CpuLanes.splat(0.0f);
                    Float16 odd0 = CpuLanes.splat(0.0f);
                    Float16 even1 = CpuLanes.splat(0.0f);
                    Float16 odd1 = CpuLanes.splat(0.0f);
                    Float16 even2 = CpuLanes.splat(0.0f);
                    Float16 odd2 = CpuLanes.splat(0.0f);
                    Float16 even3 = CpuLanes.splat(0.0f);
                    Float16 odd3 = CpuLanes.splat(0.0f);
                    for (int w = 0; w < wordsPerGroup; w++) {
                        position++;
                        Int16 next = words.get(position);
                        Float16 weight0 = CpuLanes.withoutZero(CpuLanes.integer(word, 0, 8), zero, hasZeros);
                        Float16 weight1 = CpuLanes.withoutZero(CpuLanes.integer(word, 8, 8), zero, hasZeros);
                        Float16 weight2 = CpuLanes.withoutZero(CpuLanes.integer(word, 16, 8), zero, hasZeros);
                        Float16 weight3 = CpuLanes.withoutZero(CpuLanes.integer(word, 24, 8), zero, hasZeros);
                        even0 = CpuLanes.multiplyAdd(even0, weight0, weight2, x, at, 8);
                        odd0 = CpuLanes.multiplyAdd(odd0, weight1, weight3, x, at + 4, 8);
                        even1 = CpuLanes.multiplyAdd(even1, weight0, weight2, x, at + 1, 8);
                        odd1 = CpuLanes.multiplyAdd(odd1, weight1, weight3, x, at + 5, 8);
                        even2 = CpuLanes.multiplyAdd(even2, weight0, weight2, x, at + 2, 8);
                        odd2 = CpuLanes.multiplyAdd(odd2, weight1, weight3, x, at + 6, 8);
                        even3 = CpuLanes.multiplyAdd(even3, weight0, weight2, x, at + 3, 8);
                        odd3 = CpuLanes.multiplyAdd(odd3, weight1, weight3, x, at + 7, 8);
                        at += 16;
                        word = next;
                    }
                    sum0 = CpuLanes.addGroup(sum0, even0, odd0, scale);
                    sum1 = CpuLanes.addGroup(sum1, even1, odd1, scale);
                    sum2 = CpuLanes.addGroup(sum2, even2, odd2, scale);
                    sum3 = CpuLanes.addGroup(sum3, even3, odd3, scale);
                }
                CpuLanes.store(y, b * 4 + 3, t * 16, shape, sum3);
                CpuLanes.store(y, b * 4 + 2, t * 16, shape, sum2);
                CpuLanes.store(y, b * 4 + 1, t * 16, shape, sum1);
                CpuLanes.store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link #ofBytes}, for codes of 10 bits, three in a word. */
    public static void ofTenBits(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int digitBits,
            int amountBits, int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int runsPerGroup = sizes.get(1);
                int wordsPerRun = sizes.get(4);
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
                    Float16 even0 = CpuLanes.splat(0.0f);
                    Float16 odd0 = CpuLanes.splat(0.0f);
                    Float16 even1 = CpuLanes.splat(0.0f);
                    Float16 odd1 = CpuLanes.splat(0.0f);
                    Float16 even2 = CpuLanes.splat(0.0f);
                    Float16 odd2 = CpuLanes.splat(0.0f);
                    Float16 even3 = CpuLanes.splat(0.0f);
                    Float16 odd3 = CpuLanes.splat(0.0f);
                    for (int run = 0; run < runsPerGroup; run++) {
                        Int16 spare = word;
                        for (int w = 0; w < wordsPerRun; w++) {
                            position++;
                            Int16 next = words.get(position);
                            spare = CpuLanes.append(spare, word, 0, 2);
                            Float16 weight0 = CpuLanes.withoutZero(CpuLanes.decode(word, 2, digitBits, amountBits),
                                    zero, hasZeros);
                            Float16 weight1 = CpuLanes.withoutZero(CpuLanes.decode(word, 12, digitBits, amountBits),
                                    zero, hasZeros);
                            Float16 weight2 = CpuLanes.withoutZero(CpuLanes.decode(word, 22, digitBits, amountBits),
                                    zero, hasZeros);
                            even0 = CpuLanes.multiplyAdd(even0, weight0, weight2, x, at, 8);
                            odd0 = CpuLanes.multiplyAdd(odd0, weight1, x.get(at + 4));
                            even1 = CpuLanes.multiplyAdd(even1, weight0, weight2, x, at + 1, 8);
                            odd1 = CpuLanes.multiplyAdd(odd1, weight1, x.get(at + 5));
                            even2 = CpuLanes.multiplyAdd(even2, weight0, weight2, x, at + 2, 8);
                            odd2 = CpuLanes.multiplyAdd(odd2, weight1, x.get(at + 6));
                            even3 = CpuLanes.multiplyAdd(even3, weight0, weight2, x, at + 3, 8);
                            odd3 = CpuLanes.multiplyAdd(odd3, weight1, x.get(at + 7));
                            at += 12;
                            word = next;
                        }
                        Float16 weight = CpuLanes.withoutZero(CpuLanes.decode(spare, 0, digitBits, amountBits), zero,
                                hasZeros);
                        odd0 = CpuLanes.multiplyAdd(odd0, weight, x.get(at));
                        odd1 = CpuLanes.multiplyAdd(odd1, weight, x.get(at + 1));
                        odd2 = CpuLanes.multiplyAdd(odd2, weight, x.get(at + 2));
                        odd3 = CpuLanes.multiplyAdd(odd3, weight, x.get(at + 3));
                        at += 4;
                    }
                    sum0 = CpuLanes.addGroup(sum0, even0, odd0, scale);
                    sum1 = CpuLanes.addGroup(sum1, even1, odd1, scale);
                    sum2 = CpuLanes.addGroup(sum2, even2, odd2, scale);
                    sum3 = CpuLanes.addGroup(sum3, even3, odd3, scale);
                }
                CpuLanes.store(y, b * 4 + 3, t * 16, shape, sum3);
                CpuLanes.store(y, b * 4 + 2, t * 16, shape, sum2);
                CpuLanes.store(y, b * 4 + 1, t * 16, shape, sum1);
                CpuLanes.store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }
}
