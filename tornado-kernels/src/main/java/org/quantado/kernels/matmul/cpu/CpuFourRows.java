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
    public static void byFours(FloatArray x, FloatArray sums, VectorInt16 words, VectorFloat16 scales,
            VectorFloat16 zeros, VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int stretches, int width, int signs, int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerGroup = sizes.get(1) * width / 2;
                int at = b * sizes.get(3) * 4;
                int evenFields = (1 << width) - 1;
                int oddFields = evenFields << width;
                int rowOfSums = stretches * 2;
                int stretch = b * 4 * rowOfSums;
                int position = tile * sizes.get(2);
                Int16 word = words.get(position);
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
                for (int g = 0; g < groups; g++) {
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
                        even0 = CpuLanes.fourFields(even0, flipped, evenFields, 2 * width, x, at, 8);
                        even1 = CpuLanes.fourFields(even1, flipped, evenFields, 2 * width, x, at + 1, 8);
                        even2 = CpuLanes.fourFields(even2, flipped, evenFields, 2 * width, x, at + 2, 8);
                        even3 = CpuLanes.fourFields(even3, flipped, evenFields, 2 * width, x, at + 3, 8);
                        odd0 = CpuLanes.fourFields(odd0, flipped, oddFields, 2 * width, x, at + 4, 8);
                        odd1 = CpuLanes.fourFields(odd1, flipped, oddFields, 2 * width, x, at + 5, 8);
                        odd2 = CpuLanes.fourFields(odd2, flipped, oddFields, 2 * width, x, at + 6, 8);
                        odd3 = CpuLanes.fourFields(odd3, flipped, oddFields, 2 * width, x, at + 7, 8);
                        if (width < 4) {
                            even0 = CpuLanes.fourFields(even0, flipped, evenFields << (8 * width), 2 * width, x,
                                    at + 32, 8);
                            even1 = CpuLanes.fourFields(even1, flipped, evenFields << (8 * width), 2 * width, x,
                                    at + 33, 8);
                            even2 = CpuLanes.fourFields(even2, flipped, evenFields << (8 * width), 2 * width, x,
                                    at + 34, 8);
                            even3 = CpuLanes.fourFields(even3, flipped, evenFields << (8 * width), 2 * width, x,
                                    at + 35, 8);
                            odd0 = CpuLanes.fourFields(odd0, flipped, oddFields << (8 * width), 2 * width, x, at + 36,
                                    8);
                            odd1 = CpuLanes.fourFields(odd1, flipped, oddFields << (8 * width), 2 * width, x, at + 37,
                                    8);
                            odd2 = CpuLanes.fourFields(odd2, flipped, oddFields << (8 * width), 2 * width, x, at + 38,
                                    8);
                            odd3 = CpuLanes.fourFields(odd3, flipped, oddFields << (8 * width), 2 * width, x, at + 39,
                                    8);
                        }
                        at += 32 / width * 4;
                        word = next;
                    }
                    sum0 = CpuLanes.addGroup(sum0, even0, odd0, scales.get(tile * groups + g),
                            zeros.get((tile * groups + g) * hasZeros), sums, stretch, hasZeros);
                    sum1 = CpuLanes.addGroup(sum1, even1, odd1, scales.get(tile * groups + g),
                            zeros.get((tile * groups + g) * hasZeros), sums, stretch + rowOfSums, hasZeros);
                    sum2 = CpuLanes.addGroup(sum2, even2, odd2, scales.get(tile * groups + g),
                            zeros.get((tile * groups + g) * hasZeros), sums, stretch + 2 * rowOfSums, hasZeros);
                    sum3 = CpuLanes.addGroup(sum3, even3, odd3, scales.get(tile * groups + g),
                            zeros.get((tile * groups + g) * hasZeros), sums, stretch + 3 * rowOfSums, hasZeros);
                    stretch += 2;
                }
                CpuLanes.store(y, b * 4 + 3, t * 16, shape, sum3);
                CpuLanes.store(y, b * 4 + 2, t * 16, shape, sum2);
                CpuLanes.store(y, b * 4 + 1, t * 16, shape, sum1);
                CpuLanes.store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link #byFours}, for codes of 5 bits: {@link CpuRow#oneRowOfFiveBits} for four rows. */
    public static void ofFiveBits(FloatArray x, FloatArray sums, VectorInt16 words, VectorFloat16 scales,
            VectorFloat16 zeros, VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int stretches, int signs, int runsPerGroup, int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int pairs = sizes.get(2) / 5;
                int at = b * sizes.get(3) * 4;
                int rowOfSums = stretches * 2;
                int stretch = b * 4 * rowOfSums;
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
                    even0 = CpuLanes.threeFields(even0, flipped0, 0x1F << 2, 10, x, at, 8);
                    even1 = CpuLanes.threeFields(even1, flipped0, 0x1F << 2, 10, x, at + 1, 8);
                    even2 = CpuLanes.threeFields(even2, flipped0, 0x1F << 2, 10, x, at + 2, 8);
                    even3 = CpuLanes.threeFields(even3, flipped0, 0x1F << 2, 10, x, at + 3, 8);
                    odd0 = CpuLanes.threeFields(odd0, flipped0, 0x1F << 7, 10, x, at + 4, 8);
                    odd1 = CpuLanes.threeFields(odd1, flipped0, 0x1F << 7, 10, x, at + 5, 8);
                    odd2 = CpuLanes.threeFields(odd2, flipped0, 0x1F << 7, 10, x, at + 6, 8);
                    odd3 = CpuLanes.threeFields(odd3, flipped0, 0x1F << 7, 10, x, at + 7, 8);
                    even0 = CpuLanes.threeFields(even0, flipped1, 0x1F << 2, 10, x, at + 24, 8);
                    even1 = CpuLanes.threeFields(even1, flipped1, 0x1F << 2, 10, x, at + 25, 8);
                    even2 = CpuLanes.threeFields(even2, flipped1, 0x1F << 2, 10, x, at + 26, 8);
                    even3 = CpuLanes.threeFields(even3, flipped1, 0x1F << 2, 10, x, at + 27, 8);
                    odd0 = CpuLanes.threeFields(odd0, flipped1, 0x1F << 7, 10, x, at + 28, 8);
                    odd1 = CpuLanes.threeFields(odd1, flipped1, 0x1F << 7, 10, x, at + 29, 8);
                    odd2 = CpuLanes.threeFields(odd2, flipped1, 0x1F << 7, 10, x, at + 30, 8);
                    odd3 = CpuLanes.threeFields(odd3, flipped1, 0x1F << 7, 10, x, at + 31, 8);
                    even0 = CpuLanes.twoFields(even0, flipped2, 0x1F << 2, 10, x, at + 48, 8);
                    even1 = CpuLanes.twoFields(even1, flipped2, 0x1F << 2, 10, x, at + 49, 8);
                    even2 = CpuLanes.twoFields(even2, flipped2, 0x1F << 2, 10, x, at + 50, 8);
                    even3 = CpuLanes.twoFields(even3, flipped2, 0x1F << 2, 10, x, at + 51, 8);
                    odd0 = CpuLanes.multiplyAdd(odd0, flipped2, 0x1F << 7, x.get(at + 52));
                    odd1 = CpuLanes.multiplyAdd(odd1, flipped2, 0x1F << 7, x.get(at + 53));
                    odd2 = CpuLanes.multiplyAdd(odd2, flipped2, 0x1F << 7, x.get(at + 54));
                    odd3 = CpuLanes.multiplyAdd(odd3, flipped2, 0x1F << 7, x.get(at + 55));
                    Int16 evenSpare = CpuLanes.evenSpare(flipped0, flipped1, flipped2);
                    odd0 = CpuLanes.multiplyAdd(odd0, evenSpare, 0xF8000000, x.get(at + 60));
                    odd1 = CpuLanes.multiplyAdd(odd1, evenSpare, 0xF8000000, x.get(at + 61));
                    odd2 = CpuLanes.multiplyAdd(odd2, evenSpare, 0xF8000000, x.get(at + 62));
                    odd3 = CpuLanes.multiplyAdd(odd3, evenSpare, 0xF8000000, x.get(at + 63));
                    if (runsPerGroup % 2 == 1) {
                        sum0 = CpuLanes.addGroup(sum0, even0, odd0, scales.get(group), zeros.get(group * hasZeros),
                                sums, stretch, hasZeros);
                        sum1 = CpuLanes.addGroup(sum1, even1, odd1, scales.get(group), zeros.get(group * hasZeros),
                                sums, stretch + rowOfSums, hasZeros);
                        sum2 = CpuLanes.addGroup(sum2, even2, odd2, scales.get(group), zeros.get(group * hasZeros),
                                sums, stretch + 2 * rowOfSums, hasZeros);
                        sum3 = CpuLanes.addGroup(sum3, even3, odd3, scales.get(group), zeros.get(group * hasZeros),
                                sums, stretch + 3 * rowOfSums, hasZeros);
                        stretch += 2;
                        even0 = CpuLanes.splat(0.0f);
                        odd0 = CpuLanes.splat(0.0f);
                        even1 = CpuLanes.splat(0.0f);
                        odd1 = CpuLanes.splat(0.0f);
                        even2 = CpuLanes.splat(0.0f);
                        odd2 = CpuLanes.splat(0.0f);
                        even3 = CpuLanes.splat(0.0f);
                        odd3 = CpuLanes.splat(0.0f);
                    }
                    even0 = CpuLanes.twoFields(even0, flipped2, 0x1F << 17, 10, x, at + 64, 8);
                    even1 = CpuLanes.twoFields(even1, flipped2, 0x1F << 17, 10, x, at + 65, 8);
                    even2 = CpuLanes.twoFields(even2, flipped2, 0x1F << 17, 10, x, at + 66, 8);
                    even3 = CpuLanes.twoFields(even3, flipped2, 0x1F << 17, 10, x, at + 67, 8);
                    odd0 = CpuLanes.multiplyAdd(odd0, flipped2, 0x1F << 22, x.get(at + 68));
                    odd1 = CpuLanes.multiplyAdd(odd1, flipped2, 0x1F << 22, x.get(at + 69));
                    odd2 = CpuLanes.multiplyAdd(odd2, flipped2, 0x1F << 22, x.get(at + 70));
                    odd3 = CpuLanes.multiplyAdd(odd3, flipped2, 0x1F << 22, x.get(at + 71));
                    odd0 = CpuLanes.threeFields(odd0, flipped3, 0x1F << 2, 10, x, at + 76, 8);
                    odd1 = CpuLanes.threeFields(odd1, flipped3, 0x1F << 2, 10, x, at + 77, 8);
                    odd2 = CpuLanes.threeFields(odd2, flipped3, 0x1F << 2, 10, x, at + 78, 8);
                    odd3 = CpuLanes.threeFields(odd3, flipped3, 0x1F << 2, 10, x, at + 79, 8);
                    even0 = CpuLanes.threeFields(even0, flipped3, 0x1F << 7, 10, x, at + 80, 8);
                    even1 = CpuLanes.threeFields(even1, flipped3, 0x1F << 7, 10, x, at + 81, 8);
                    even2 = CpuLanes.threeFields(even2, flipped3, 0x1F << 7, 10, x, at + 82, 8);
                    even3 = CpuLanes.threeFields(even3, flipped3, 0x1F << 7, 10, x, at + 83, 8);
                    odd0 = CpuLanes.threeFields(odd0, flipped4, 0x1F << 2, 10, x, at + 100, 8);
                    odd1 = CpuLanes.threeFields(odd1, flipped4, 0x1F << 2, 10, x, at + 101, 8);
                    odd2 = CpuLanes.threeFields(odd2, flipped4, 0x1F << 2, 10, x, at + 102, 8);
                    odd3 = CpuLanes.threeFields(odd3, flipped4, 0x1F << 2, 10, x, at + 103, 8);
                    even0 = CpuLanes.threeFields(even0, flipped4, 0x1F << 7, 10, x, at + 104, 8);
                    even1 = CpuLanes.threeFields(even1, flipped4, 0x1F << 7, 10, x, at + 105, 8);
                    even2 = CpuLanes.threeFields(even2, flipped4, 0x1F << 7, 10, x, at + 106, 8);
                    even3 = CpuLanes.threeFields(even3, flipped4, 0x1F << 7, 10, x, at + 107, 8);
                    Int16 oddSpare = CpuLanes.oddSpare(flipped2, flipped3, flipped4);
                    odd0 = CpuLanes.multiplyAdd(odd0, oddSpare, 0xF8000000, x.get(at + 124));
                    odd1 = CpuLanes.multiplyAdd(odd1, oddSpare, 0xF8000000, x.get(at + 125));
                    odd2 = CpuLanes.multiplyAdd(odd2, oddSpare, 0xF8000000, x.get(at + 126));
                    odd3 = CpuLanes.multiplyAdd(odd3, oddSpare, 0xF8000000, x.get(at + 127));
                    sum0 = CpuLanes.addGroup(sum0, even0, odd0, scales.get(nextGroup), zeros.get(nextGroup * hasZeros),
                            sums, stretch, hasZeros);
                    sum1 = CpuLanes.addGroup(sum1, even1, odd1, scales.get(nextGroup), zeros.get(nextGroup * hasZeros),
                            sums, stretch + rowOfSums, hasZeros);
                    sum2 = CpuLanes.addGroup(sum2, even2, odd2, scales.get(nextGroup), zeros.get(nextGroup * hasZeros),
                            sums, stretch + 2 * rowOfSums, hasZeros);
                    sum3 = CpuLanes.addGroup(sum3, even3, odd3, scales.get(nextGroup), zeros.get(nextGroup * hasZeros),
                            sums, stretch + 3 * rowOfSums, hasZeros);
                    stretch += 2;
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
                    sum0 = Float16.add(sum0, Float16.mult(Float16.add(even0, odd0), scale));
                    sum1 = Float16.add(sum1, Float16.mult(Float16.add(even1, odd1), scale));
                    sum2 = Float16.add(sum2, Float16.mult(Float16.add(even2, odd2), scale));
                    sum3 = Float16.add(sum3, Float16.mult(Float16.add(even3, odd3), scale));
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
                    sum0 = Float16.add(sum0, Float16.mult(Float16.add(even0, odd0), scale));
                    sum1 = Float16.add(sum1, Float16.mult(Float16.add(even1, odd1), scale));
                    sum2 = Float16.add(sum2, Float16.mult(Float16.add(even2, odd2), scale));
                    sum3 = Float16.add(sum3, Float16.mult(Float16.add(even3, odd3), scale));
                }
                CpuLanes.store(y, b * 4 + 3, t * 16, shape, sum3);
                CpuLanes.store(y, b * 4 + 2, t * 16, shape, sum2);
                CpuLanes.store(y, b * 4 + 1, t * 16, shape, sum1);
                CpuLanes.store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }
}
