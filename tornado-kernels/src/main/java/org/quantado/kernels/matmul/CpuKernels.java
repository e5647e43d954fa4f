package org.quantado.kernels.matmul;

import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;
import uk.ac.manchester.tornado.api.types.vectors.Int16;

/**
 * The product with a {@link TiledWeight} in vectors of 16 rows: what a compiler for a CPU turns into SIMD instructions.
 *
 * <p>Operations on the lanes of a vector are written lane by lane, in loops of constant length that TornadoVM unrolls:
 * OpenCL's compiler puts 16 equal scalar operations together into one instruction. A loop that carries a vector must
 * not be unrolled by TornadoVM, which would keep its last round only: the lengths of loops come from arrays, and fields
 * of a word are written out one by one.
 */
final class CpuKernels implements TiledMatmul.Kernels {
    @Override
    public TaskPackage task(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks, IntArray sizes,
            Rows y) {
        TileCode code = weight.code();
        int hasZeros = weight.hasZeros() ? 1 : 0;
        boolean byFours = code.perWord() % 4 == 0;
        return switch (rows) {
            case 1 -> byFours
                    ? TaskPackage.createPackage(name, CpuKernels::oneRowByFours, x, weight.words(), weight.scales(),
                            weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, code.width(),
                            code.digitBits(),
                            code.amountMask(), hasZeros)
                    : TaskPackage.createPackage(name, CpuKernels::oneRowByThrees, x, weight.words(), weight.scales(),
                            weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, code.width(),
                            code.digitBits(),
                            code.amountMask(), hasZeros);
            case 4 -> byFours
                    ? TaskPackage.createPackage(name, CpuKernels::fourRowsByFours, x, weight.words(), weight.scales(),
                            weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, code.width(),
                            code.digitBits(),
                            code.amountMask(), hasZeros)
                    : TaskPackage.createPackage(name, CpuKernels::fourRowsByThrees, x, weight.words(), weight.scales(),
                            weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, code.width(),
                            code.digitBits(),
                            code.amountMask(), hasZeros);
            default -> byFours
                    ? TaskPackage.createPackage(name, CpuKernels::sixteenRowsByFours, x, weight.words(),
                            weight.scales(),
                            weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, code.width(),
                            code.digitBits(),
                            code.amountMask(), hasZeros)
                    : TaskPackage.createPackage(name, CpuKernels::sixteenRowsByThrees, x, weight.words(),
                            weight.scales(),
                            weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, code.width(),
                            code.digitBits(),
                            code.amountMask(), hasZeros);
        };
    }

    /**
     * {@code y[b,n] = bias[n] + sum_g scale[n,g] * sum_k x[b,k] * (value[n,k] - zero[n,g])}, one work-item per tile of 16 n
     * and row b, four fields of a word at a time.
     *
     * @param x {@code [M, K']}, K' with the columns that fill up groups, which are 0
     * @param words of {@link TiledWeight}, like scales, zeros and bias
     * @param y {@code [M, N]}
     * @param shape M and N
     * @param blocks {@code [M]}, the block of the weight that row b is multiplied with
     * @param sizes groups of a row and words of a row; in an array, so that no loop has a constant length
     * @param width of a field, as digitBits and amountMask are those of {@link TileCode}
     * @param hasZeros 1 if there are zero points, else 0
     */
    public static void oneRowByFours(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int width, int digitBits, int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < shape.get(0); b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerRow = sizes.get(1);
                int steps = 32 / width / 4;
                int stepsPerRow = wordsPerRow * steps;
                int stepsPerGroup = stepsPerRow / groups;
                Float16 sum = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    Float16 dot = new Float16(0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
                            0.0f, 0.0f, 0.0f, 0.0f);
                    for (int s = g * stepsPerGroup; s < g * stepsPerGroup + stepsPerGroup; s++) {
                        Int16 word = shiftRight(words.get(tile * wordsPerRow + s / steps), s % steps * 4 * width);
                        int at = (b * stepsPerRow + s) * 4;
                        dot = multiplyAdd(dot, decode(word, 0, digitBits, amountMask, zero, hasZeros),
                                x.get(at + 0));
                        dot = multiplyAdd(dot, decode(word, 1 * width, digitBits, amountMask, zero, hasZeros),
                                x.get(at + 1));
                        dot = multiplyAdd(dot, decode(word, 2 * width, digitBits, amountMask, zero, hasZeros),
                                x.get(at + 2));
                        dot = multiplyAdd(dot, decode(word, 3 * width, digitBits, amountMask, zero, hasZeros),
                                x.get(at + 3));
                    }
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(tile * groups + g)));
                }
                store(y, b, t * 16, shape, sum);
            }
        }
    }

    /** As {@link #oneRowByFours}, for words of three or six fields. */
    public static void oneRowByThrees(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int width, int digitBits, int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < shape.get(0); b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerRow = sizes.get(1);
                int steps = 32 / width / 3;
                int stepsPerRow = wordsPerRow * steps;
                int stepsPerGroup = stepsPerRow / groups;
                Float16 sum = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    Float16 dot = new Float16(0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
                            0.0f, 0.0f, 0.0f, 0.0f);
                    for (int s = g * stepsPerGroup; s < g * stepsPerGroup + stepsPerGroup; s++) {
                        Int16 word = shiftRight(words.get(tile * wordsPerRow + s / steps), s % steps * 3 * width);
                        int at = (b * stepsPerRow + s) * 3;
                        dot = multiplyAdd(dot, decode(word, 0, digitBits, amountMask, zero, hasZeros),
                                x.get(at + 0));
                        dot = multiplyAdd(dot, decode(word, 1 * width, digitBits, amountMask, zero, hasZeros),
                                x.get(at + 1));
                        dot = multiplyAdd(dot, decode(word, 2 * width, digitBits, amountMask, zero, hasZeros),
                                x.get(at + 2));
                    }
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(tile * groups + g)));
                }
                store(y, b, t * 16, shape, sum);
            }
        }
    }

    /** As {@link #oneRowByFours}, for blocks of four rows of x: each weight is decoded once for all of them. */
    public static void fourRowsByFours(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int width, int digitBits, int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerRow = sizes.get(1);
                int steps = 32 / width / 4;
                int stepsPerRow = wordsPerRow * steps;
                int stepsPerGroup = stepsPerRow / groups;
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 scale = scales.get(tile * groups + g);
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    for (int s = g * stepsPerGroup; s < g * stepsPerGroup + stepsPerGroup; s++) {
                        Int16 word = shiftRight(words.get(tile * wordsPerRow + s / steps), s % steps * 4 * width);
                        Float16 weight0 = Float16.mult(decode(word, 0, digitBits, amountMask, zero, hasZeros), scale);
                        Float16 weight1 = Float16.mult(decode(word, 1 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        Float16 weight2 = Float16.mult(decode(word, 2 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        Float16 weight3 = Float16.mult(decode(word, 3 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        int at = (b * stepsPerRow + s) * 16;
                        sum0 = multiplyAdd(sum0, weight0, weight1, weight2, weight3, x, at + 0, 4);
                        sum1 = multiplyAdd(sum1, weight0, weight1, weight2, weight3, x, at + 1, 4);
                        sum2 = multiplyAdd(sum2, weight0, weight1, weight2, weight3, x, at + 2, 4);
                        sum3 = multiplyAdd(sum3, weight0, weight1, weight2, weight3, x, at + 3, 4);
                    }
                }
                store(y, b * 4 + 3, t * 16, shape, sum3);
                store(y, b * 4 + 2, t * 16, shape, sum2);
                store(y, b * 4 + 1, t * 16, shape, sum1);
                store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link #oneRowByThrees}, for blocks of four rows of x: each weight is decoded once for all of them. */
    public static void fourRowsByThrees(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int width, int digitBits, int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerRow = sizes.get(1);
                int steps = 32 / width / 3;
                int stepsPerRow = wordsPerRow * steps;
                int stepsPerGroup = stepsPerRow / groups;
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 scale = scales.get(tile * groups + g);
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    for (int s = g * stepsPerGroup; s < g * stepsPerGroup + stepsPerGroup; s++) {
                        Int16 word = shiftRight(words.get(tile * wordsPerRow + s / steps), s % steps * 3 * width);
                        Float16 weight0 = Float16.mult(decode(word, 0, digitBits, amountMask, zero, hasZeros), scale);
                        Float16 weight1 = Float16.mult(decode(word, 1 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        Float16 weight2 = Float16.mult(decode(word, 2 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        int at = (b * stepsPerRow + s) * 12;
                        sum0 = multiplyAdd(sum0, weight0, weight1, weight2, x, at + 0, 4);
                        sum1 = multiplyAdd(sum1, weight0, weight1, weight2, x, at + 1, 4);
                        sum2 = multiplyAdd(sum2, weight0, weight1, weight2, x, at + 2, 4);
                        sum3 = multiplyAdd(sum3, weight0, weight1, weight2, x, at + 3, 4);
                    }
                }
                store(y, b * 4 + 3, t * 16, shape, sum3);
                store(y, b * 4 + 2, t * 16, shape, sum2);
                store(y, b * 4 + 1, t * 16, shape, sum1);
                store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link #oneRowByFours}, for blocks of sixteen rows of x: each weight is decoded once for all of them. */
    public static void sixteenRowsByFours(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int width, int digitBits, int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + 15) / 16; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerRow = sizes.get(1);
                int steps = 32 / width / 4;
                int stepsPerRow = wordsPerRow * steps;
                int stepsPerGroup = stepsPerRow / groups;
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
                    for (int s = g * stepsPerGroup; s < g * stepsPerGroup + stepsPerGroup; s++) {
                        Int16 word = shiftRight(words.get(tile * wordsPerRow + s / steps), s % steps * 4 * width);
                        Float16 weight0 = Float16.mult(decode(word, 0, digitBits, amountMask, zero, hasZeros), scale);
                        Float16 weight1 = Float16.mult(decode(word, 1 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        Float16 weight2 = Float16.mult(decode(word, 2 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        Float16 weight3 = Float16.mult(decode(word, 3 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        int at = (b * stepsPerRow + s) * 64;
                        sum0 = multiplyAdd(sum0, weight0, weight1, weight2, weight3, x, at + 0, 16);
                        sum1 = multiplyAdd(sum1, weight0, weight1, weight2, weight3, x, at + 1, 16);
                        sum2 = multiplyAdd(sum2, weight0, weight1, weight2, weight3, x, at + 2, 16);
                        sum3 = multiplyAdd(sum3, weight0, weight1, weight2, weight3, x, at + 3, 16);
                        sum4 = multiplyAdd(sum4, weight0, weight1, weight2, weight3, x, at + 4, 16);
                        sum5 = multiplyAdd(sum5, weight0, weight1, weight2, weight3, x, at + 5, 16);
                        sum6 = multiplyAdd(sum6, weight0, weight1, weight2, weight3, x, at + 6, 16);
                        sum7 = multiplyAdd(sum7, weight0, weight1, weight2, weight3, x, at + 7, 16);
                        sum8 = multiplyAdd(sum8, weight0, weight1, weight2, weight3, x, at + 8, 16);
                        sum9 = multiplyAdd(sum9, weight0, weight1, weight2, weight3, x, at + 9, 16);
                        sum10 = multiplyAdd(sum10, weight0, weight1, weight2, weight3, x, at + 10, 16);
                        sum11 = multiplyAdd(sum11, weight0, weight1, weight2, weight3, x, at + 11, 16);
                        sum12 = multiplyAdd(sum12, weight0, weight1, weight2, weight3, x, at + 12, 16);
                        sum13 = multiplyAdd(sum13, weight0, weight1, weight2, weight3, x, at + 13, 16);
                        sum14 = multiplyAdd(sum14, weight0, weight1, weight2, weight3, x, at + 14, 16);
                        sum15 = multiplyAdd(sum15, weight0, weight1, weight2, weight3, x, at + 15, 16);
                    }
                }
                store(y, b * 16 + 15, t * 16, shape, sum15);
                store(y, b * 16 + 14, t * 16, shape, sum14);
                store(y, b * 16 + 13, t * 16, shape, sum13);
                store(y, b * 16 + 12, t * 16, shape, sum12);
                store(y, b * 16 + 11, t * 16, shape, sum11);
                store(y, b * 16 + 10, t * 16, shape, sum10);
                store(y, b * 16 + 9, t * 16, shape, sum9);
                store(y, b * 16 + 8, t * 16, shape, sum8);
                store(y, b * 16 + 7, t * 16, shape, sum7);
                store(y, b * 16 + 6, t * 16, shape, sum6);
                store(y, b * 16 + 5, t * 16, shape, sum5);
                store(y, b * 16 + 4, t * 16, shape, sum4);
                store(y, b * 16 + 3, t * 16, shape, sum3);
                store(y, b * 16 + 2, t * 16, shape, sum2);
                store(y, b * 16 + 1, t * 16, shape, sum1);
                store(y, b * 16 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link #oneRowByThrees}, for blocks of sixteen rows of x: each weight is decoded once for all of them. */
    public static void sixteenRowsByThrees(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int width, int digitBits, int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + 15) / 16; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerRow = sizes.get(1);
                int steps = 32 / width / 3;
                int stepsPerRow = wordsPerRow * steps;
                int stepsPerGroup = stepsPerRow / groups;
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
                    for (int s = g * stepsPerGroup; s < g * stepsPerGroup + stepsPerGroup; s++) {
                        Int16 word = shiftRight(words.get(tile * wordsPerRow + s / steps), s % steps * 3 * width);
                        Float16 weight0 = Float16.mult(decode(word, 0, digitBits, amountMask, zero, hasZeros), scale);
                        Float16 weight1 = Float16.mult(decode(word, 1 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        Float16 weight2 = Float16.mult(decode(word, 2 * width, digitBits, amountMask, zero, hasZeros),
                                scale);
                        int at = (b * stepsPerRow + s) * 48;
                        sum0 = multiplyAdd(sum0, weight0, weight1, weight2, x, at + 0, 16);
                        sum1 = multiplyAdd(sum1, weight0, weight1, weight2, x, at + 1, 16);
                        sum2 = multiplyAdd(sum2, weight0, weight1, weight2, x, at + 2, 16);
                        sum3 = multiplyAdd(sum3, weight0, weight1, weight2, x, at + 3, 16);
                        sum4 = multiplyAdd(sum4, weight0, weight1, weight2, x, at + 4, 16);
                        sum5 = multiplyAdd(sum5, weight0, weight1, weight2, x, at + 5, 16);
                        sum6 = multiplyAdd(sum6, weight0, weight1, weight2, x, at + 6, 16);
                        sum7 = multiplyAdd(sum7, weight0, weight1, weight2, x, at + 7, 16);
                        sum8 = multiplyAdd(sum8, weight0, weight1, weight2, x, at + 8, 16);
                        sum9 = multiplyAdd(sum9, weight0, weight1, weight2, x, at + 9, 16);
                        sum10 = multiplyAdd(sum10, weight0, weight1, weight2, x, at + 10, 16);
                        sum11 = multiplyAdd(sum11, weight0, weight1, weight2, x, at + 11, 16);
                        sum12 = multiplyAdd(sum12, weight0, weight1, weight2, x, at + 12, 16);
                        sum13 = multiplyAdd(sum13, weight0, weight1, weight2, x, at + 13, 16);
                        sum14 = multiplyAdd(sum14, weight0, weight1, weight2, x, at + 14, 16);
                        sum15 = multiplyAdd(sum15, weight0, weight1, weight2, x, at + 15, 16);
                    }
                }
                store(y, b * 16 + 15, t * 16, shape, sum15);
                store(y, b * 16 + 14, t * 16, shape, sum14);
                store(y, b * 16 + 13, t * 16, shape, sum13);
                store(y, b * 16 + 12, t * 16, shape, sum12);
                store(y, b * 16 + 11, t * 16, shape, sum11);
                store(y, b * 16 + 10, t * 16, shape, sum10);
                store(y, b * 16 + 9, t * 16, shape, sum9);
                store(y, b * 16 + 8, t * 16, shape, sum8);
                store(y, b * 16 + 7, t * 16, shape, sum7);
                store(y, b * 16 + 6, t * 16, shape, sum6);
                store(y, b * 16 + 5, t * 16, shape, sum5);
                store(y, b * 16 + 4, t * 16, shape, sum4);
                store(y, b * 16 + 3, t * 16, shape, sum3);
                store(y, b * 16 + 2, t * 16, shape, sum2);
                store(y, b * 16 + 1, t * 16, shape, sum1);
                store(y, b * 16 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** The fields that begin at bit {@code shift} of each lane, less the zero points. */
    private static Float16 decode(Int16 word, int shift, int digitBits, int amountMask, Float16 zero, int hasZeros) {
        Float16 values = new Float16();
        for (int i = 0; i < 16; i++) {
            values.set(i, decodeLane(word.get(i), shift, digitBits, amountMask, zero.get(i), hasZeros));
        }
        return values;
    }

    private static float decodeLane(int word, int shift, int digitBits, int amountMask, float zero, int hasZeros) {
        int digit = (word << (32 - digitBits - shift)) >> (32 - digitBits);
        if (amountMask != 0) {
            digit = digit << ((word >> (shift + digitBits - 2)) & amountMask);
        }
        float value = (float) digit;
        if (hasZeros == 1) {
            value = value - zero;
        }
        return value;
    }

    private static Int16 shiftRight(Int16 word, int bits) {
        Int16 shifted = new Int16();
        for (int i = 0; i < 16; i++) {
            shifted.set(i, word.get(i) >> bits);
        }
        return shifted;
    }

    private static Float16 multiplyAdd(Float16 sum, Float16 weight, float x) {
        return Float16.add(sum, Float16.mult(weight, new Float16(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x)));
    }

    private static Float16 multiplyAdd(Float16 sum, Float16 weight0, Float16 weight1, Float16 weight2, FloatArray x,
            int at, int stride) {
        Float16 first = multiplyAdd(sum, weight0, x.get(at));
        Float16 second = multiplyAdd(first, weight1, x.get(at + stride));
        return multiplyAdd(second, weight2, x.get(at + 2 * stride));
    }

    private static Float16 multiplyAdd(Float16 sum, Float16 weight0, Float16 weight1, Float16 weight2, Float16 weight3,
            FloatArray x, int at, int stride) {
        Float16 three = multiplyAdd(sum, weight0, weight1, weight2, x, at, stride);
        return multiplyAdd(three, weight3, x.get(at + 3 * stride));
    }

    /**
     * Writes a row of a tile. What is beyond the last row or column is written to the last one, before that: lanes, and
     * the rows of a block, come from last to first. Branches would be 256 in a kernel.
     */
    private static void store(FloatArray y, int m, int firstOutput, IntArray shape, Float16 sum) {
        int row = Math.min(m, shape.get(0) - 1) * shape.get(1);
        for (int i = 0; i < 16; i++) {
            y.set(row + Math.min(firstOutput + 15 - i, shape.get(1) - 1), sum.get(15 - i));
        }
    }
}
