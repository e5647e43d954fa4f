package org.quantado.kernels.matmul.cpu;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;
import uk.ac.manchester.tornado.api.types.vectors.Int16;

/** Kernels of {@link CpuKernels} for blocks of sixteen rows of x: a weight is decoded once for all of them. */
final class CpuBlocks {
    private CpuBlocks() {
    }

    /** As {@link CpuRow#oneRowOfBytes}, for blocks of sixteen rows of x: each weight is decoded once for all of them. */
    public static void sixteenRowsByFours(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width,
            int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 15) / 16; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int piecesPerWord = 8 / width;
                int piecesPerGroup = sizes.get(1) * 4;
                int first = tile * sizes.get(2);
                int at = b * sizes.get(3) * 16;
                int piece = 0;
                Int16 word = words.get(first);
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
                    int last = piece + piecesPerGroup;
                    while (piece < last) {
                        Int16 fields = CpuLanes.shiftRight(word, piece % piecesPerWord * 4 * width);
                        piece++;
                        Int16 next = words.get(first + piece / piecesPerWord);
                        Float16 weight0 = Float16
                                .mult(CpuLanes.withoutZero(CpuLanes.integer(fields, 0, width), zero, hasZeros), scale);
                        Float16 weight1 = Float16.mult(
                                CpuLanes.withoutZero(CpuLanes.integer(fields, width, width), zero, hasZeros), scale);
                        Float16 weight2 = Float16.mult(
                                CpuLanes.withoutZero(CpuLanes.integer(fields, 2 * width, width), zero, hasZeros),
                                scale);
                        Float16 weight3 = Float16.mult(
                                CpuLanes.withoutZero(CpuLanes.integer(fields, 3 * width, width), zero, hasZeros),
                                scale);
                        sum0 = CpuLanes.multiplyAdd(sum0, weight0, weight1, weight2, weight3, x, at, 16);
                        sum1 = CpuLanes.multiplyAdd(sum1, weight0, weight1, weight2, weight3, x, at + 1, 16);
                        sum2 = CpuLanes.multiplyAdd(sum2, weight0, weight1, weight2, weight3, x, at + 2, 16);
                        sum3 = CpuLanes.multiplyAdd(sum3, weight0, weight1, weight2, weight3, x, at + 3, 16);
                        sum4 = CpuLanes.multiplyAdd(sum4, weight0, weight1, weight2, weight3, x, at + 4, 16);
                        sum5 = CpuLanes.multiplyAdd(sum5, weight0, weight1, weight2, weight3, x, at + 5, 16);
                        sum6 = CpuLanes.multiplyAdd(sum6, weight0, weight1, weight2, weight3, x, at + 6, 16);
                        sum7 = CpuLanes.multiplyAdd(sum7, weight0, weight1, weight2, weight3, x, at + 7, 16);
                        sum8 = CpuLanes.multiplyAdd(sum8, weight0, weight1, weight2, weight3, x, at + 8, 16);
                        sum9 = CpuLanes.multiplyAdd(sum9, weight0, weight1, weight2, weight3, x, at + 9, 16);
                        sum10 = CpuLanes.multiplyAdd(sum10, weight0, weight1, weight2, weight3, x, at + 10, 16);
                        sum11 = CpuLanes.multiplyAdd(sum11, weight0, weight1, weight2, weight3, x, at + 11, 16);
                        sum12 = CpuLanes.multiplyAdd(sum12, weight0, weight1, weight2, weight3, x, at + 12, 16);
                        sum13 = CpuLanes.multiplyAdd(sum13, weight0, weight1, weight2, weight3, x, at + 13, 16);
                        sum14 = CpuLanes.multiplyAdd(sum14, weight0, weight1, weight2, weight3, x, at + 14, 16);
                        sum15 = CpuLanes.multiplyAdd(sum15, weight0, weight1, weight2, weight3, x, at + 15, 16);
                        at += 64;
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

    /** As {@link #sixteenRowsByFours}, for codes of 5 and 10 bits. */
    public static void sixteenRowsByThrees(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width, int digitBits,
            int amountBits, int hasZeros) {
        for (@Parallel int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel int b = 0; b < (shape.get(0) + 15) / 16; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int piecesPerWord = 10 / width;
                int spareBits = 2 / piecesPerWord;
                int runsPerGroup = sizes.get(1);
                int piecesPerRun = sizes.get(4);
                int first = tile * sizes.get(2);
                int at = b * sizes.get(3) * 16;
                int piece = 0;
                Int16 word = words.get(first);
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
                    for (int run = 0; run < runsPerGroup; run++) {
                        Int16 spare = word;
                        int last = piece + piecesPerRun;
                        while (piece < last) {
                            int inWord = piece % piecesPerWord;
                            Int16 fields = CpuLanes.shiftRight(word, inWord * 3 * width);
                            spare = CpuLanes.append(spare, word, 2 - spareBits - inWord * spareBits, spareBits);
                            piece++;
                            Int16 next = words.get(first + piece / piecesPerWord);
                            Float16 weight0 = Float16.mult(CpuLanes.withoutZero(
                                    CpuLanes.decode(fields, 2, digitBits, amountBits), zero, hasZeros), scale);
                            Float16 weight1 = Float16.mult(CpuLanes.withoutZero(
                                    CpuLanes.decode(fields, 2 + width, digitBits, amountBits), zero, hasZeros), scale);
                            Float16 weight2 = Float16.mult(CpuLanes.withoutZero(
                                    CpuLanes.decode(fields, 2 + 2 * width, digitBits, amountBits), zero, hasZeros),
                                    scale);
                            sum0 = CpuLanes.multiplyAdd(sum0, weight0, weight1, weight2, x, at, 16);
                            sum1 = CpuLanes.multiplyAdd(sum1, weight0, weight1, weight2, x, at + 1, 16);
                            sum2 = CpuLanes.multiplyAdd(sum2, weight0, weight1, weight2, x, at + 2, 16);
                            sum3 = CpuLanes.multiplyAdd(sum3, weight0, weight1, weight2, x, at + 3, 16);
                            sum4 = CpuLanes.multiplyAdd(sum4, weight0, weight1, weight2, x, at + 4, 16);
                            sum5 = CpuLanes.multiplyAdd(sum5, weight0, weight1, weight2, x, at + 5, 16);
                            sum6 = CpuLanes.multiplyAdd(sum6, weight0, weight1, weight2, x, at + 6, 16);
                            sum7 = CpuLanes.multiplyAdd(sum7, weight0, weight1, weight2, x, at + 7, 16);
                            sum8 = CpuLanes.multiplyAdd(sum8, weight0, weight1, weight2, x, at + 8, 16);
                            sum9 = CpuLanes.multiplyAdd(sum9, weight0, weight1, weight2, x, at + 9, 16);
                            sum10 = CpuLanes.multiplyAdd(sum10, weight0, weight1, weight2, x, at + 10, 16);
                            sum11 = CpuLanes.multiplyAdd(sum11, weight0, weight1, weight2, x, at + 11, 16);
                            sum12 = CpuLanes.multiplyAdd(sum12, weight0, weight1, weight2, x, at + 12, 16);
                            sum13 = CpuLanes.multiplyAdd(sum13, weight0, weight1, weight2, x, at + 13, 16);
                            sum14 = CpuLanes.multiplyAdd(sum14, weight0, weight1, weight2, x, at + 14, 16);
                            sum15 = CpuLanes.multiplyAdd(sum15, weight0, weight1, weight2, x, at + 15, 16);
                            at += 48;
                            word = next;
                        }
                        Float16 weight = Float16.mult(
                                CpuLanes.withoutZero(CpuLanes.decode(spare, 0, digitBits, amountBits), zero, hasZeros),
                                scale);
                        sum0 = CpuLanes.multiplyAdd(sum0, weight, x.get(at));
                        sum1 = CpuLanes.multiplyAdd(sum1, weight, x.get(at + 1));
                        sum2 = CpuLanes.multiplyAdd(sum2, weight, x.get(at + 2));
                        sum3 = CpuLanes.multiplyAdd(sum3, weight, x.get(at + 3));
                        sum4 = CpuLanes.multiplyAdd(sum4, weight, x.get(at + 4));
                        sum5 = CpuLanes.multiplyAdd(sum5, weight, x.get(at + 5));
                        sum6 = CpuLanes.multiplyAdd(sum6, weight, x.get(at + 6));
                        sum7 = CpuLanes.multiplyAdd(sum7, weight, x.get(at + 7));
                        sum8 = CpuLanes.multiplyAdd(sum8, weight, x.get(at + 8));
                        sum9 = CpuLanes.multiplyAdd(sum9, weight, x.get(at + 9));
                        sum10 = CpuLanes.multiplyAdd(sum10, weight, x.get(at + 10));
                        sum11 = CpuLanes.multiplyAdd(sum11, weight, x.get(at + 11));
                        sum12 = CpuLanes.multiplyAdd(sum12, weight, x.get(at + 12));
                        sum13 = CpuLanes.multiplyAdd(sum13, weight, x.get(at + 13));
                        sum14 = CpuLanes.multiplyAdd(sum14, weight, x.get(at + 14));
                        sum15 = CpuLanes.multiplyAdd(sum15, weight, x.get(at + 15));
                        at += 16;
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
