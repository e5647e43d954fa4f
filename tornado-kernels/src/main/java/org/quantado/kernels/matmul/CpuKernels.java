package org.quantado.kernels.matmul;

import java.util.List;

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
 * <p>How they are written decides whether it does:
 * <ul>
 * <li>Operations on the lanes of a vector are written lane by lane, in loops of constant length that TornadoVM unrolls;
 * OpenCL's compiler puts 16 equal scalar operations together into one instruction.
 * <li>Lanes are taken of words that were loaded in the round before: of a vector that is loaded on the spot the compiler
 * loads the lanes in pairs. This is why there are {@link TiledWeight#AHEAD} words after the last.
 * <li>The place in x is one variable that rounds count up, and constants are added to it: those become part of the
 * instructions that multiply.
 * <li>A loop that carries a vector must not be unrolled by TornadoVM, which would keep its last round only: the lengths
 * of loops come from arrays, and what is to be unrolled is written out.
 * </ul>
 */
final class CpuKernels implements TiledMatmul.Kernels {
    @Override
    public List<TileCode> codes() {
        return List.of(TileCode.INT2, TileCode.INT4, TileCode.INT5, TileCode.INT8, TileCode.SHIFTED10);
    }

    @Override
    public TaskPackage task(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks, IntArray sizes,
            Rows y) {
        return weight.code().piecesPerRun() == TileCode.FOURS
                ? byFours(name, rows, x, weight, blocks, sizes, y)
                : byThrees(name, rows, x, weight, blocks, sizes, y);
    }

    private static TaskPackage byFours(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks,
            IntArray sizes, Rows y) {
        int width = weight.code().width();
        int hasZeros = weight.hasZeros() ? 1 : 0;
        return switch (rows) {
            case 1 -> TaskPackage.createPackage(name, CpuKernels::oneRowByFours, x, weight.words(), weight.scales(),
                    weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, width, hasZeros);
            case 4 -> TaskPackage.createPackage(name, CpuKernels::fourRowsByFours, x, weight.words(),
                    weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, width,
                    hasZeros);
            default -> TaskPackage.createPackage(name, CpuKernels::sixteenRowsByFours, x, weight.words(),
                    weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, width,
                    hasZeros);
        };
    }

    private static TaskPackage byThrees(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks,
            IntArray sizes, Rows y) {
        TileCode code = weight.code();
        int hasZeros = weight.hasZeros() ? 1 : 0;
        return switch (rows) {
            case 1 -> code == TileCode.INT5
                    ? TaskPackage.createPackage(name, CpuKernels::oneRowOfFiveBits, x, weight.words(),
                            weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                            weight.runsPerGroup(), hasZeros)
                    : TaskPackage.createPackage(name, CpuKernels::oneRowOfTenBits, x, weight.words(),
                            weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                            code.digitBits(), code.amountMask(), hasZeros);
            case 4 -> TaskPackage.createPackage(name, CpuKernels::fourRowsByThrees, x, weight.words(),
                    weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                    code.width(), code.digitBits(), code.amountMask(), hasZeros);
            default -> TaskPackage.createPackage(name, CpuKernels::sixteenRowsByThrees, x, weight.words(),
                    weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                    code.width(), code.digitBits(), code.amountMask(), hasZeros);
        };
    }

    /**
     * {@code y[b,n] = bias[n] + sum_g scale[n,g] * sum_k x[b,k] * (value[n,k] - zero[n,g])}, one work-item per tile of
     * 16 n and row b, for codes of 2, 4 and 8 bits.
     *
     * @param x {@code [M, K']} as {@link TiledRows} lays it out
     * @param words of {@link TiledWeight}, like scales, zeros and bias
     * @param y {@code [M, N]}
     * @param shape M and N
     * @param blocks {@code [M]}, the block of the weight that row b is multiplied with
     * @param sizes {@link TiledWeight#sizes}; in an array, so that no loop has a constant length
     * @param width of a field
     * @param hasZeros 1 if there are zero points, else 0
     */
    public static void oneRowByFours(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width,
            int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < shape.get(0); b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int wordsPerGroup = sizes.get(1) * width / 2;
                int at = b * sizes.get(3);
                int position = tile * sizes.get(2);
                Int16 word = words.get(position);
                Float16 sum = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    float total = 0.0f;
                    Float16 dot0 = splat(0.0f);
                    Float16 dot1 = splat(0.0f);
                    Float16 dot2 = splat(0.0f);
                    Float16 dot3 = splat(0.0f);
                    for (int w = 0; w < wordsPerGroup; w++) {
                        position++;
                        Int16 next = words.get(position);
                        dot0 = multiplyAdd(dot0, integer(word, 0, width), x.get(at));
                        dot1 = multiplyAdd(dot1, integer(word, width, width), x.get(at + 1));
                        dot2 = multiplyAdd(dot2, integer(word, 2 * width, width), x.get(at + 2));
                        dot3 = multiplyAdd(dot3, integer(word, 3 * width, width), x.get(at + 3));
                        if (width < 8) {
                            dot0 = multiplyAdd(dot0, integer(word, 4 * width, width), x.get(at + 4));
                            dot1 = multiplyAdd(dot1, integer(word, 5 * width, width), x.get(at + 5));
                            dot2 = multiplyAdd(dot2, integer(word, 6 * width, width), x.get(at + 6));
                            dot3 = multiplyAdd(dot3, integer(word, 7 * width, width), x.get(at + 7));
                        }
                        if (width < 4) {
                            dot0 = multiplyAdd(dot0, integer(word, 8 * width, width), x.get(at + 8));
                            dot1 = multiplyAdd(dot1, integer(word, 9 * width, width), x.get(at + 9));
                            dot2 = multiplyAdd(dot2, integer(word, 10 * width, width), x.get(at + 10));
                            dot3 = multiplyAdd(dot3, integer(word, 11 * width, width), x.get(at + 11));
                            dot0 = multiplyAdd(dot0, integer(word, 12 * width, width), x.get(at + 12));
                            dot1 = multiplyAdd(dot1, integer(word, 13 * width, width), x.get(at + 13));
                            dot2 = multiplyAdd(dot2, integer(word, 14 * width, width), x.get(at + 14));
                            dot3 = multiplyAdd(dot3, integer(word, 15 * width, width), x.get(at + 15));
                        }
                        if (hasZeros == 1) {
                            total = total + total(x, at, 32 / width);
                        }
                        at += 32 / width;
                        word = next;
                    }
                    Float16 dot = less(add(dot0, dot1, dot2, dot3), zeros.get((tile * groups + g) * hasZeros), total);
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(tile * groups + g)));
                }
                store(y, b, t * 16, shape, sum);
            }
        }
    }

    /**
     * As {@link #oneRowByFours}, for codes of 5 bits, two runs in five words at a time.
     *
     * @param runsPerGroup an odd last run has the scale of the last group
     */
    public static void oneRowOfFiveBits(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int runsPerGroup,
            int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < shape.get(0); b++) {
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
                    Float16 even0 = splat(0.0f);
                    Float16 even1 = splat(0.0f);
                    Float16 even2 = splat(0.0f);
                    Float16 even3 = splat(0.0f);
                    even0 = multiplyAdd(even0, integer(word0, 0, 5), x.get(at));
                    even1 = multiplyAdd(even1, integer(word0, 5, 5), x.get(at + 1));
                    even2 = multiplyAdd(even2, integer(word0, 10, 5), x.get(at + 2));
                    even3 = multiplyAdd(even3, integer(word0, 15, 5), x.get(at + 3));
                    even0 = multiplyAdd(even0, integer(word0, 20, 5), x.get(at + 4));
                    even1 = multiplyAdd(even1, integer(word0, 25, 5), x.get(at + 5));
                    even2 = multiplyAdd(even2, integer(word1, 0, 5), x.get(at + 6));
                    even3 = multiplyAdd(even3, integer(word1, 5, 5), x.get(at + 7));
                    even0 = multiplyAdd(even0, integer(word1, 10, 5), x.get(at + 8));
                    even1 = multiplyAdd(even1, integer(word1, 15, 5), x.get(at + 9));
                    even2 = multiplyAdd(even2, integer(word1, 20, 5), x.get(at + 10));
                    even3 = multiplyAdd(even3, integer(word1, 25, 5), x.get(at + 11));
                    even0 = multiplyAdd(even0, integer(word2, 0, 5), x.get(at + 12));
                    even1 = multiplyAdd(even1, integer(word2, 5, 5), x.get(at + 13));
                    even2 = multiplyAdd(even2, integer(word2, 10, 5), x.get(at + 14));
                    even3 = multiplyAdd(even3, integer(evenSpare(word0, word1, word2), 27, 5), x.get(at + 15));
                    Float16 odd0 = splat(0.0f);
                    Float16 odd1 = splat(0.0f);
                    Float16 odd2 = splat(0.0f);
                    Float16 odd3 = splat(0.0f);
                    odd0 = multiplyAdd(odd0, integer(word2, 15, 5), x.get(at + 16));
                    odd1 = multiplyAdd(odd1, integer(word2, 20, 5), x.get(at + 17));
                    odd2 = multiplyAdd(odd2, integer(word2, 25, 5), x.get(at + 18));
                    odd3 = multiplyAdd(odd3, integer(word3, 0, 5), x.get(at + 19));
                    odd0 = multiplyAdd(odd0, integer(word3, 5, 5), x.get(at + 20));
                    odd1 = multiplyAdd(odd1, integer(word3, 10, 5), x.get(at + 21));
                    odd2 = multiplyAdd(odd2, integer(word3, 15, 5), x.get(at + 22));
                    odd3 = multiplyAdd(odd3, integer(word3, 20, 5), x.get(at + 23));
                    odd0 = multiplyAdd(odd0, integer(word3, 25, 5), x.get(at + 24));
                    odd1 = multiplyAdd(odd1, integer(word4, 0, 5), x.get(at + 25));
                    odd2 = multiplyAdd(odd2, integer(word4, 5, 5), x.get(at + 26));
                    odd3 = multiplyAdd(odd3, integer(word4, 10, 5), x.get(at + 27));
                    odd0 = multiplyAdd(odd0, integer(word4, 15, 5), x.get(at + 28));
                    odd1 = multiplyAdd(odd1, integer(word4, 20, 5), x.get(at + 29));
                    odd2 = multiplyAdd(odd2, integer(word4, 25, 5), x.get(at + 30));
                    odd3 = multiplyAdd(odd3, integer(oddSpare(word2, word3, word4), 27, 5), x.get(at + 31));
                    float evenTotal = 0.0f;
                    float oddTotal = 0.0f;
                    if (hasZeros == 1) {
                        evenTotal = total(x, at, 16);
                        oddTotal = total(x, at + 16, 16);
                    }
                    Float16 even = less(add(even0, even1, even2, even3), zeros.get(group * hasZeros), evenTotal);
                    Float16 odd = less(add(odd0, odd1, odd2, odd3), zeros.get(nextGroup * hasZeros), oddTotal);
                    sum = Float16.add(sum, Float16.mult(even, scales.get(group)));
                    sum = Float16.add(sum, Float16.mult(odd, scales.get(nextGroup)));
                    at += 32;
                    word0 = next0;
                    word1 = next1;
                    word2 = next2;
                    word3 = next3;
                    word4 = next4;
                }
                store(y, b, t * 16, shape, sum);
            }
        }
    }

    /** As {@link #oneRowByFours}, for codes of 10 bits, a run in five words at a time. */
    public static void oneRowOfTenBits(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int digitBits,
            int amountMask,
            int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < shape.get(0); b++) {
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
                    float total = 0.0f;
                    Float16 dot0 = splat(0.0f);
                    Float16 dot1 = splat(0.0f);
                    Float16 dot2 = splat(0.0f);
                    Float16 dot3 = splat(0.0f);
                    for (int run = 0; run < runsPerGroup; run++) {
                        position += 5;
                        Int16 next0 = words.get(position);
                        Int16 next1 = words.get(position + 1);
                        Int16 next2 = words.get(position + 2);
                        Int16 next3 = words.get(position + 3);
                        Int16 next4 = words.get(position + 4);
                        dot0 = multiplyAdd(dot0, decode(word0, 0, digitBits, amountMask), x.get(at));
                        dot1 = multiplyAdd(dot1, decode(word0, 10, digitBits, amountMask), x.get(at + 1));
                        dot2 = multiplyAdd(dot2, decode(word0, 20, digitBits, amountMask), x.get(at + 2));
                        dot3 = multiplyAdd(dot3, decode(word1, 0, digitBits, amountMask), x.get(at + 3));
                        dot0 = multiplyAdd(dot0, decode(word1, 10, digitBits, amountMask), x.get(at + 4));
                        dot1 = multiplyAdd(dot1, decode(word1, 20, digitBits, amountMask), x.get(at + 5));
                        dot2 = multiplyAdd(dot2, decode(word2, 0, digitBits, amountMask), x.get(at + 6));
                        dot3 = multiplyAdd(dot3, decode(word2, 10, digitBits, amountMask), x.get(at + 7));
                        dot0 = multiplyAdd(dot0, decode(word2, 20, digitBits, amountMask), x.get(at + 8));
                        dot1 = multiplyAdd(dot1, decode(word3, 0, digitBits, amountMask), x.get(at + 9));
                        dot2 = multiplyAdd(dot2, decode(word3, 10, digitBits, amountMask), x.get(at + 10));
                        dot3 = multiplyAdd(dot3, decode(word3, 20, digitBits, amountMask), x.get(at + 11));
                        dot0 = multiplyAdd(dot0, decode(word4, 0, digitBits, amountMask), x.get(at + 12));
                        dot1 = multiplyAdd(dot1, decode(word4, 10, digitBits, amountMask), x.get(at + 13));
                        dot2 = multiplyAdd(dot2, decode(word4, 20, digitBits, amountMask), x.get(at + 14));
                        Int16 spare = tenSpare(word0, word1, word2, word3, word4);
                        dot3 = multiplyAdd(dot3, decode(spare, 22, digitBits, amountMask), x.get(at + 15));
                        if (hasZeros == 1) {
                            total = total + total(x, at, 16);
                        }
                        at += 16;
                        word0 = next0;
                        word1 = next1;
                        word2 = next2;
                        word3 = next3;
                        word4 = next4;
                    }
                    Float16 dot = less(add(dot0, dot1, dot2, dot3), zeros.get((tile * groups + g) * hasZeros), total);
                    sum = Float16.add(sum, Float16.mult(dot, scales.get(tile * groups + g)));
                }
                store(y, b, t * 16, shape, sum);
            }
        }
    }

    /** As {@link #oneRowByFours}, for blocks of four rows of x: each weight is decoded once for all of them. */
    public static void fourRowsByFours(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width,
            int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int piecesPerWord = 8 / width;
                int piecesPerGroup = sizes.get(1) * 4;
                int first = tile * sizes.get(2);
                int at = b * sizes.get(3) * 4;
                int piece = 0;
                Int16 word = words.get(first);
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 scale = scales.get(tile * groups + g);
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    int last = piece + piecesPerGroup;
                    while (piece < last) {
                        Int16 fields = shiftRight(word, piece % piecesPerWord * 4 * width);
                        piece++;
                        Int16 next = words.get(first + piece / piecesPerWord);
                        Float16 weight0 = Float16.mult(withoutZero(integer(fields, 0, width), zero, hasZeros), scale);
                        Float16 weight1 = Float16.mult(withoutZero(integer(fields, width, width), zero, hasZeros),
                                scale);
                        Float16 weight2 = Float16.mult(withoutZero(integer(fields, 2 * width, width), zero, hasZeros),
                                scale);
                        Float16 weight3 = Float16.mult(withoutZero(integer(fields, 3 * width, width), zero, hasZeros),
                                scale);
                        sum0 = multiplyAdd(sum0, weight0, weight1, weight2, weight3, x, at, 4);
                        sum1 = multiplyAdd(sum1, weight0, weight1, weight2, weight3, x, at + 1, 4);
                        sum2 = multiplyAdd(sum2, weight0, weight1, weight2, weight3, x, at + 2, 4);
                        sum3 = multiplyAdd(sum3, weight0, weight1, weight2, weight3, x, at + 3, 4);
                        at += 16;
                        word = next;
                    }
                }
                store(y, b * 4 + 3, t * 16, shape, sum3);
                store(y, b * 4 + 2, t * 16, shape, sum2);
                store(y, b * 4 + 1, t * 16, shape, sum1);
                store(y, b * 4 + 0, t * 16, shape, sum0);
            }
        }
    }

    /** As {@link #fourRowsByFours}, for codes of 5 and 10 bits. */
    public static void fourRowsByThrees(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width, int digitBits,
            int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + 3) / 4; b++) {
                int tile = blocks.get(b) * ((shape.get(1) + 15) / 16) + t;
                int groups = sizes.get(0);
                int piecesPerWord = 10 / width;
                int spareBits = 2 / piecesPerWord;
                int runsPerGroup = sizes.get(1);
                int piecesPerRun = sizes.get(4);
                int first = tile * sizes.get(2);
                int at = b * sizes.get(3) * 4;
                int piece = 0;
                Int16 word = words.get(first);
                Float16 sum0 = bias.get(tile);
                Float16 sum1 = bias.get(tile);
                Float16 sum2 = bias.get(tile);
                Float16 sum3 = bias.get(tile);
                for (int g = 0; g < groups; g++) {
                    Float16 scale = scales.get(tile * groups + g);
                    Float16 zero = zeros.get((tile * groups + g) * hasZeros);
                    for (int run = 0; run < runsPerGroup; run++) {
                        Int16 spare = word;
                        int last = piece + piecesPerRun;
                        while (piece < last) {
                            int inWord = piece % piecesPerWord;
                            Int16 fields = shiftRight(word, inWord * 3 * width);
                            spare = append(spare, word, 32 - spareBits - inWord * spareBits, spareBits);
                            piece++;
                            Int16 next = words.get(first + piece / piecesPerWord);
                            Float16 weight0 = Float16
                                    .mult(withoutZero(decode(fields, 0, digitBits, amountMask), zero, hasZeros), scale);
                            Float16 weight1 = Float16.mult(
                                    withoutZero(decode(fields, width, digitBits, amountMask), zero, hasZeros), scale);
                            Float16 weight2 = Float16.mult(
                                    withoutZero(decode(fields, 2 * width, digitBits, amountMask), zero, hasZeros),
                                    scale);
                            sum0 = multiplyAdd(sum0, weight0, weight1, weight2, x, at, 4);
                            sum1 = multiplyAdd(sum1, weight0, weight1, weight2, x, at + 1, 4);
                            sum2 = multiplyAdd(sum2, weight0, weight1, weight2, x, at + 2, 4);
                            sum3 = multiplyAdd(sum3, weight0, weight1, weight2, x, at + 3, 4);
                            at += 12;
                            word = next;
                        }
                        Float16 weight = Float16
                                .mult(withoutZero(decode(spare, 0, digitBits, amountMask), zero, hasZeros), scale);
                        sum0 = multiplyAdd(sum0, weight, x.get(at));
                        sum1 = multiplyAdd(sum1, weight, x.get(at + 1));
                        sum2 = multiplyAdd(sum2, weight, x.get(at + 2));
                        sum3 = multiplyAdd(sum3, weight, x.get(at + 3));
                        at += 4;
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
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width,
            int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + 15) / 16; b++) {
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
                        Int16 fields = shiftRight(word, piece % piecesPerWord * 4 * width);
                        piece++;
                        Int16 next = words.get(first + piece / piecesPerWord);
                        Float16 weight0 = Float16.mult(withoutZero(integer(fields, 0, width), zero, hasZeros), scale);
                        Float16 weight1 = Float16.mult(withoutZero(integer(fields, width, width), zero, hasZeros),
                                scale);
                        Float16 weight2 = Float16.mult(withoutZero(integer(fields, 2 * width, width), zero, hasZeros),
                                scale);
                        Float16 weight3 = Float16.mult(withoutZero(integer(fields, 3 * width, width), zero, hasZeros),
                                scale);
                        sum0 = multiplyAdd(sum0, weight0, weight1, weight2, weight3, x, at, 16);
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
                        at += 64;
                        word = next;
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

    /** As {@link #sixteenRowsByFours}, for codes of 5 and 10 bits. */
    public static void sixteenRowsByThrees(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int width, int digitBits,
            int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + 15) / 16; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + 15) / 16; b++) {
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
                            Int16 fields = shiftRight(word, inWord * 3 * width);
                            spare = append(spare, word, 32 - spareBits - inWord * spareBits, spareBits);
                            piece++;
                            Int16 next = words.get(first + piece / piecesPerWord);
                            Float16 weight0 = Float16
                                    .mult(withoutZero(decode(fields, 0, digitBits, amountMask), zero, hasZeros), scale);
                            Float16 weight1 = Float16.mult(
                                    withoutZero(decode(fields, width, digitBits, amountMask), zero, hasZeros), scale);
                            Float16 weight2 = Float16.mult(
                                    withoutZero(decode(fields, 2 * width, digitBits, amountMask), zero, hasZeros),
                                    scale);
                            sum0 = multiplyAdd(sum0, weight0, weight1, weight2, x, at, 16);
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
                            at += 48;
                            word = next;
                        }
                        Float16 weight = Float16
                                .mult(withoutZero(decode(spare, 0, digitBits, amountMask), zero, hasZeros), scale);
                        sum0 = multiplyAdd(sum0, weight, x.get(at));
                        sum1 = multiplyAdd(sum1, weight, x.get(at + 1));
                        sum2 = multiplyAdd(sum2, weight, x.get(at + 2));
                        sum3 = multiplyAdd(sum3, weight, x.get(at + 3));
                        sum4 = multiplyAdd(sum4, weight, x.get(at + 4));
                        sum5 = multiplyAdd(sum5, weight, x.get(at + 5));
                        sum6 = multiplyAdd(sum6, weight, x.get(at + 6));
                        sum7 = multiplyAdd(sum7, weight, x.get(at + 7));
                        sum8 = multiplyAdd(sum8, weight, x.get(at + 8));
                        sum9 = multiplyAdd(sum9, weight, x.get(at + 9));
                        sum10 = multiplyAdd(sum10, weight, x.get(at + 10));
                        sum11 = multiplyAdd(sum11, weight, x.get(at + 11));
                        sum12 = multiplyAdd(sum12, weight, x.get(at + 12));
                        sum13 = multiplyAdd(sum13, weight, x.get(at + 13));
                        sum14 = multiplyAdd(sum14, weight, x.get(at + 14));
                        sum15 = multiplyAdd(sum15, weight, x.get(at + 15));
                        at += 16;
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

    /** The signed integers of {@code width} bits that begin at bit {@code shift} of each lane. */
    private static Float16 integer(Int16 word, int shift, int width) {
        Float16 values = new Float16();
        for (int i = 0; i < 16; i++) {
            values.set(i, (float) ((word.get(i) << (32 - width - shift)) >> (32 - width)));
        }
        return values;
    }

    /** The fields that begin at bit {@code shift} of each lane. */
    private static Float16 decode(Int16 word, int shift, int digitBits, int amountMask) {
        Float16 values = new Float16();
        for (int i = 0; i < 16; i++) {
            int digit = (word.get(i) << (32 - digitBits - shift)) >> (32 - digitBits);
            int amount = (word.get(i) >> (shift + digitBits - 2)) & amountMask;
            values.set(i, (float) (digit << amount));
        }
        return values;
    }

    /** {@code values - zero * factor}. */
    private static Float16 less(Float16 values, Float16 zero, float factor) {
        return Float16.sub(values, Float16.mult(zero, splat(factor)));
    }

    private static Float16 withoutZero(Float16 values, Float16 zero, int hasZeros) {
        Float16 differences = new Float16();
        for (int i = 0; i < 16; i++) {
            float value = values.get(i);
            if (hasZeros == 1) {
                value = value - zero.get(i);
            }
            differences.set(i, value);
        }
        return differences;
    }

    private static Float16 add(Float16 a, Float16 b, Float16 c, Float16 d) {
        return Float16.add(Float16.add(a, b), Float16.add(c, d));
    }

    private static float total(FloatArray x, int at, int length) {
        float total = 0.0f;
        for (int i = 0; i < length; i++) {
            total = total + x.get(at + i);
        }
        return total;
    }

    /** The last field of a run of 5-bit codes that begins with word0, in the highest bits. */
    private static Int16 evenSpare(Int16 word0, Int16 word1, Int16 word2) {
        Int16 spare = new Int16();
        for (int i = 0; i < 16; i++) {
            spare.set(i, (word0.get(i) & 0xC0000000) | ((word1.get(i) >> 2) & 0x30000000)
                    | ((word2.get(i) >> 4) & 0x08000000));
        }
        return spare;
    }

    /** The last field of a run of 5-bit codes that begins in the middle of word2, in the highest bits. */
    private static Int16 oddSpare(Int16 word2, Int16 word3, Int16 word4) {
        Int16 spare = new Int16();
        for (int i = 0; i < 16; i++) {
            spare.set(i, ((word2.get(i) << 1) & 0x80000000) | ((word3.get(i) >> 1) & 0x60000000)
                    | ((word4.get(i) >> 3) & 0x18000000));
        }
        return spare;
    }

    /** The last field of a run of 10-bit codes, in the highest bits. */
    private static Int16 tenSpare(Int16 word0, Int16 word1, Int16 word2, Int16 word3, Int16 word4) {
        Int16 spare = new Int16();
        for (int i = 0; i < 16; i++) {
            spare.set(i, (word0.get(i) & 0xC0000000) | ((word1.get(i) >> 2) & 0x30000000)
                    | ((word2.get(i) >> 4) & 0x0C000000) | ((word3.get(i) >> 6) & 0x03000000)
                    | ((word4.get(i) >> 8) & 0x00C00000));
        }
        return spare;
    }

    /** {@code bits} bits of each lane of the word, from bit {@code shift} on, put below those of {@code spare}. */
    private static Int16 append(Int16 spare, Int16 word, int shift, int bits) {
        Int16 appended = new Int16();
        for (int i = 0; i < 16; i++) {
            appended.set(i, (spare.get(i) << bits) | ((word.get(i) >> shift) & ((1 << bits) - 1)));
        }
        return appended;
    }

    private static Int16 shiftRight(Int16 word, int bits) {
        Int16 shifted = new Int16();
        for (int i = 0; i < 16; i++) {
            shifted.set(i, word.get(i) >> bits);
        }
        return shifted;
    }

    private static Float16 splat(float x) {
        return new Float16(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x);
    }

    private static Float16 multiplyAdd(Float16 sum, Float16 weight, float x) {
        return Float16.add(sum, Float16.mult(weight, splat(x)));
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
