package org.quantado.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.quantado.kernels.graph.Rows;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;

/**
 * The product with a {@link TiledWeight} in the JVM's own vectors, for an engine that runs kernels as the Java that they
 * are. Needs the module jdk.incubator.vector.
 *
 * <p>For one row of x, weights are decoded in registers. For more, some columns of a tile are decoded to a buffer that
 * stays in the cache, and multiplied with all rows of a block.
 */
final class HostKernels implements TiledMatmul.Kernels {
    /** The widest vectors of the machine, of which a whole number is a tile's rows. */
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED.length() > TiledWeight.ROWS
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    private static final int LANES = FLOATS.length();

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Runs that are decoded at a time: 16 KB of weights, which stay in the first cache beside the rows of x. */
    private static final int BUFFERED_RUNS = 16;

    @Override
    public TaskPackage task(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks, IntArray sizes,
            Rows y) {
        TileCode code = weight.code();
        return TaskPackage.createPackage(name, HostKernels::multiply, x, weight.words(), weight.scales(),
                weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, rows,
                code.width(), code.digitBits(), code.amountMask(), weight.hasZeros() ? 1 : 0);
    }

    /**
     * {@code y[m,n] = bias[n] + sum_g scale[n,g] * sum_k x[m,k] * (value[n,k] - zero[n,g])}.
     *
     * @param x {@code [ceil(M / rows), K', rows]} as {@link TiledRows} lays it out
     * @param y {@code [M, N]}
     * @param shape M and N
     * @param blocks for each block of rows, the block of the weight
     * @param sizes {@link TiledWeight#sizes}
     */
    static void multiply(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int rows,
            int width, int digitBits, int amountMask, int hasZeros) {
        for (@Parallel
        int t = 0; t < (shape.get(1) + TiledWeight.ROWS - 1) / TiledWeight.ROWS; t++) {
            for (@Parallel
            int b = 0; b < (shape.get(0) + rows - 1) / rows; b++) {
                int tiles = (shape.get(1) + TiledWeight.ROWS - 1) / TiledWeight.ROWS;
                Tile tile = new Tile(words.getSegment().asReadOnly(), scales.getSegment().asReadOnly(),
                        zeros.getSegment().asReadOnly(), bias.getSegment().asReadOnly(), y.getSegment(), shape.get(0),
                        shape.get(1), t, blocks.get(b) * tiles + t, sizes, width, digitBits, amountMask,
                        hasZeros == 1);
                multiplyTile(tile, x.getSegment().asReadOnly(), b * (long) sizes.get(3) * rows, b * rows, rows);
            }
        }
    }

    private static void multiplyTile(Tile tile, MemorySegment x, long at, int m, int rows) {
        for (int lane = 0; lane < TiledWeight.ROWS; lane += LANES) {
            if (rows > 1) {
                manyRows(tile, lane, x, at, rows, m);
            } else if (tile.piecesPerRun == TileCode.FOURS) {
                oneRowByFours(tile, lane, x, at, m);
            } else if (tile.width == 5) {
                oneRowOfFiveBits(tile, lane, x, at, m);
            } else {
                oneRowOfTenBits(tile, lane, x, at, m);
            }
        }
    }

    /** One tile of the weight, and where its products go. */
    private static final class Tile {
        private final MemorySegment words;
        private final MemorySegment scales;
        private final MemorySegment zeros;
        private final MemorySegment bias;
        private final MemorySegment y;
        private final int rows;
        private final int outputs;
        private final int firstOutput;
        private final int tile;
        private final int groups;
        private final int runsPerGroup;
        private final int wordsPerRow;
        private final int piecesPerRun;
        private final int width;
        private final int digitBits;
        private final int amountMask;
        private final boolean hasZeros;

        Tile(MemorySegment words, MemorySegment scales, MemorySegment zeros, MemorySegment bias, MemorySegment y,
                int rows, int outputs, int tileOfBlock, int tile, IntArray sizes, int width, int digitBits,
                int amountMask, boolean hasZeros) {
            this.words = words;
            this.scales = scales;
            this.zeros = zeros;
            this.bias = bias;
            this.y = y;
            this.rows = rows;
            this.outputs = outputs;
            this.firstOutput = tileOfBlock * TiledWeight.ROWS;
            this.tile = tile;
            this.groups = sizes.get(0);
            this.runsPerGroup = sizes.get(1);
            this.wordsPerRow = sizes.get(2);
            this.piecesPerRun = sizes.get(4);
            this.width = width;
            this.digitBits = digitBits;
            this.amountMask = amountMask;
            this.hasZeros = hasZeros;
        }

        private static long offset(long vector, int lane) {
            return (vector * TiledWeight.ROWS + lane) * Float.BYTES;
        }

        IntVector word(int w, int lane) {
            return IntVector.fromMemorySegment(INTS, words, offset((long) tile * wordsPerRow + w, lane), ORDER);
        }

        FloatVector scale(int g, int lane) {
            return FloatVector.fromMemorySegment(FLOATS, scales, offset((long) tile * groups + g, lane), ORDER);
        }

        FloatVector zero(int g, int lane) {
            return FloatVector.fromMemorySegment(FLOATS, zeros,
                    hasZeros ? offset((long) tile * groups + g, lane) : offset(0, lane), ORDER);
        }

        FloatVector bias(int lane) {
            return FloatVector.fromMemorySegment(FLOATS, bias, offset(tile, lane), ORDER);
        }

        /** The fields at a bit of each lane. */
        FloatVector decode(IntVector word, int shift) {
            IntVector digit = word.lanewise(VectorOperators.LSHL, Integer.SIZE - digitBits - shift)
                    .lanewise(VectorOperators.ASHR, Integer.SIZE - digitBits);
            if (amountMask != 0) {
                IntVector amount = word.lanewise(VectorOperators.ASHR, shift + digitBits - 2).and(amountMask);
                digit = digit.lanewise(VectorOperators.LSHL, amount);
            }
            return (FloatVector) digit.convertShape(VectorOperators.I2F, FLOATS, 0);
        }

        /** Writes the weights of a run, {@code [16, LANES]}. */
        void decodeRun(int run, int lane, float[] weights, int to) {
            int group = run / runsPerGroup;
            FloatVector scale = scale(group, lane);
            FloatVector zero = zero(group, lane);
            int fieldsPerPiece = TileCode.RUN / piecesPerRun;
            int piecesPerWord = Integer.SIZE / (fieldsPerPiece * width);
            int spareBits = Integer.SIZE / piecesPerWord - fieldsPerPiece * width;
            IntVector spare = IntVector.zero(INTS);
            int at = to;
            for (int piece = run * piecesPerRun; piece < (run + 1) * piecesPerRun; piece++) {
                int inWord = piece % piecesPerWord;
                IntVector word = word(piece / piecesPerWord, lane);
                for (int field = 0; field < fieldsPerPiece; field++) {
                    decode(word, (inWord * fieldsPerPiece + field) * width).sub(zero).mul(scale)
                            .intoArray(weights, at);
                    at += LANES;
                }
                if (spareBits > 0) {
                    spare = spare.lanewise(VectorOperators.LSHL, spareBits)
                            .or(word.lanewise(VectorOperators.LSHR, Integer.SIZE - (inWord + 1) * spareBits)
                                    .and((1 << spareBits) - 1));
                }
            }
            if (spareBits > 0) {
                decode(spare, 0).sub(zero).mul(scale).intoArray(weights, at);
            }
        }

        void store(int m, int lane, FloatVector sum) {
            if (m < rows) {
                int n = firstOutput + lane;
                sum.intoMemorySegment(y, ((long) m * outputs + n) * Float.BYTES, ORDER,
                        FLOATS.indexInRange(n, outputs));
            }
        }
    }

    private static FloatVector multiplyAdd(FloatVector sum, FloatVector weight, MemorySegment x, long at) {
        return weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at)), sum);
    }

    private static void oneRowByFours(Tile tile, int lane, MemorySegment x, long first, int m) {
        int width = tile.width;
        int wordsPerGroup = tile.runsPerGroup * width / 2;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w++) {
                IntVector word = tile.word(w, lane);
                for (int shift = 0; shift < Integer.SIZE; shift += 4 * width) {
                    dot0 = multiplyAdd(dot0, tile.decode(word, shift).sub(zero), x, at);
                    dot1 = multiplyAdd(dot1, tile.decode(word, shift + width).sub(zero), x, at + 1);
                    dot2 = multiplyAdd(dot2, tile.decode(word, shift + 2 * width).sub(zero), x, at + 2);
                    dot3 = multiplyAdd(dot3, tile.decode(word, shift + 3 * width).sub(zero), x, at + 3);
                    at += 4;
                }
            }
            sum = dot0.add(dot1).add(dot2.add(dot3)).fma(tile.scale(g, lane), sum);
        }
        tile.store(m, lane, sum);
    }

    /** A field of five bits. */
    private static FloatVector five(IntVector word, int field) {
        IntVector digit = word.lanewise(VectorOperators.LSHL, Integer.SIZE - 5 - 5 * field)
                .lanewise(VectorOperators.ASHR, Integer.SIZE - 5);
        return (FloatVector) digit.convertShape(VectorOperators.I2F, FLOATS, 0);
    }

    /** Six fields of five bits, in two sums. */
    private static FloatVector sixFives(FloatVector sum, IntVector word, FloatVector zero, MemorySegment x, long at) {
        FloatVector even = multiplyAdd(sum, five(word, 0).sub(zero), x, at);
        FloatVector odd = five(word, 1).sub(zero).mul(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 1)));
        even = multiplyAdd(even, five(word, 2).sub(zero), x, at + 2);
        odd = multiplyAdd(odd, five(word, 3).sub(zero), x, at + 3);
        even = multiplyAdd(even, five(word, 4).sub(zero), x, at + 4);
        odd = multiplyAdd(odd, five(word, 5).sub(zero), x, at + 5);
        return even.add(odd);
    }

    private static FloatVector highest(IntVector spare, FloatVector zero) {
        return five(spare.lanewise(VectorOperators.LSHR, Integer.SIZE - 5), 0).sub(zero);
    }

    /** Two runs in five words at a time. */
    private static void oneRowOfFiveBits(Tile tile, int lane, MemorySegment x, long first, int m) {
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int pair = 0; pair < tile.wordsPerRow / 5; pair++) {
            IntVector word0 = tile.word(pair * 5, lane);
            IntVector word1 = tile.word(pair * 5 + 1, lane);
            IntVector word2 = tile.word(pair * 5 + 2, lane);
            IntVector word3 = tile.word(pair * 5 + 3, lane);
            IntVector word4 = tile.word(pair * 5 + 4, lane);
            int group = 2 * pair / tile.runsPerGroup;
            FloatVector zero = tile.zero(group, lane);
            FloatVector a = sixFives(FloatVector.zero(FLOATS), word0, zero, x, at);
            FloatVector b = sixFives(FloatVector.zero(FLOATS), word1, zero, x, at + 6);
            a = multiplyAdd(a, five(word2, 0).sub(zero), x, at + 12);
            b = multiplyAdd(b, five(word2, 1).sub(zero), x, at + 13);
            a = multiplyAdd(a, five(word2, 2).sub(zero), x, at + 14);
            IntVector spare = word0.and(0xC0000000)
                    .or(word1.lanewise(VectorOperators.LSHR, 2).and(0x30000000))
                    .or(word2.lanewise(VectorOperators.LSHR, 4).and(0x08000000));
            b = multiplyAdd(b, highest(spare, zero), x, at + 15);
            sum = a.add(b).fma(tile.scale(group, lane), sum);
            group = Math.min((2 * pair + 1) / tile.runsPerGroup, tile.groups - 1);
            zero = tile.zero(group, lane);
            a = sixFives(FloatVector.zero(FLOATS), word3, zero, x, at + 19);
            b = sixFives(FloatVector.zero(FLOATS), word4, zero, x, at + 25);
            a = multiplyAdd(a, five(word2, 3).sub(zero), x, at + 16);
            b = multiplyAdd(b, five(word2, 4).sub(zero), x, at + 17);
            a = multiplyAdd(a, five(word2, 5).sub(zero), x, at + 18);
            spare = word2.lanewise(VectorOperators.LSHL, 1).and(0x80000000)
                    .or(word3.lanewise(VectorOperators.LSHR, 1).and(0x60000000))
                    .or(word4.lanewise(VectorOperators.LSHR, 3).and(0x18000000));
            b = multiplyAdd(b, highest(spare, zero), x, at + 31);
            sum = a.add(b).fma(tile.scale(group, lane), sum);
            at += TileCode.UNIT;
        }
        tile.store(m, lane, sum);
    }

    /** A run in five words at a time. */
    private static void oneRowOfTenBits(Tile tile, int lane, MemorySegment x, long first, int m) {
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            for (int run = g * tile.runsPerGroup; run < (g + 1) * tile.runsPerGroup; run++) {
                IntVector spare = IntVector.zero(INTS);
                for (int w = run * 5; w < run * 5 + 5; w++) {
                    IntVector word = tile.word(w, lane);
                    spare = spare.lanewise(VectorOperators.LSHL, 2).or(word.lanewise(VectorOperators.LSHR, 30));
                    dot0 = multiplyAdd(dot0, tile.decode(word, 0).sub(zero), x, at);
                    dot1 = multiplyAdd(dot1, tile.decode(word, 10).sub(zero), x, at + 1);
                    dot2 = multiplyAdd(dot2, tile.decode(word, 20).sub(zero), x, at + 2);
                    at += 3;
                }
                dot0 = multiplyAdd(dot0, tile.decode(spare, 0).sub(zero), x, at);
                at++;
            }
            sum = dot0.add(dot1).add(dot2).fma(tile.scale(g, lane), sum);
        }
        tile.store(m, lane, sum);
    }

    /** The products of a block of rows. */
    private static void manyRows(Tile tile, int lane, MemorySegment x, long first, int rows, int m) {
        float[] weights = new float[BUFFERED_RUNS * TileCode.RUN * LANES];
        float[] sums = new float[rows * LANES];
        for (int r = 0; r < rows; r++) {
            tile.bias(lane).intoArray(sums, r * LANES);
        }
        int runs = tile.groups * tile.runsPerGroup;
        for (int run = 0; run < runs; run += BUFFERED_RUNS) {
            int count = Math.min(BUFFERED_RUNS, runs - run);
            for (int i = 0; i < count; i++) {
                tile.decodeRun(run + i, lane, weights, i * TileCode.RUN * LANES);
            }
            long at = first + run * (long) TileCode.RUN * rows;
            if (rows == 4) {
                fourRows(weights, count * TileCode.RUN, x, at, sums);
            } else {
                for (int r = 0; r < rows; r += 8) {
                    eightRows(weights, count * TileCode.RUN, x, at + r, rows, sums, r * LANES);
                }
            }
        }
        for (int r = 0; r < rows; r++) {
            tile.store(m + r, lane, FloatVector.fromArray(FLOATS, sums, r * LANES));
        }
    }

    private static void fourRows(float[] weights, int columns, MemorySegment x, long first, float[] sums) {
        FloatVector sum0 = FloatVector.fromArray(FLOATS, sums, 0);
        FloatVector sum1 = FloatVector.fromArray(FLOATS, sums, LANES);
        FloatVector sum2 = FloatVector.fromArray(FLOATS, sums, 2 * LANES);
        FloatVector sum3 = FloatVector.fromArray(FLOATS, sums, 3 * LANES);
        long at = first;
        for (int k = 0; k < columns; k++) {
            FloatVector weight = FloatVector.fromArray(FLOATS, weights, k * LANES);
            sum0 = multiplyAdd(sum0, weight, x, at);
            sum1 = multiplyAdd(sum1, weight, x, at + 1);
            sum2 = multiplyAdd(sum2, weight, x, at + 2);
            sum3 = multiplyAdd(sum3, weight, x, at + 3);
            at += 4;
        }
        sum0.intoArray(sums, 0);
        sum1.intoArray(sums, LANES);
        sum2.intoArray(sums, 2 * LANES);
        sum3.intoArray(sums, 3 * LANES);
    }

    /** Eight of the rows of a block. */
    private static void eightRows(float[] weights, int columns, MemorySegment x, long first, int rows, float[] sums,
            int to) {
        FloatVector sum0 = FloatVector.fromArray(FLOATS, sums, to);
        FloatVector sum1 = FloatVector.fromArray(FLOATS, sums, to + LANES);
        FloatVector sum2 = FloatVector.fromArray(FLOATS, sums, to + 2 * LANES);
        FloatVector sum3 = FloatVector.fromArray(FLOATS, sums, to + 3 * LANES);
        FloatVector sum4 = FloatVector.fromArray(FLOATS, sums, to + 4 * LANES);
        FloatVector sum5 = FloatVector.fromArray(FLOATS, sums, to + 5 * LANES);
        FloatVector sum6 = FloatVector.fromArray(FLOATS, sums, to + 6 * LANES);
        FloatVector sum7 = FloatVector.fromArray(FLOATS, sums, to + 7 * LANES);
        long at = first;
        for (int k = 0; k < columns; k++) {
            FloatVector weight = FloatVector.fromArray(FLOATS, weights, k * LANES);
            sum0 = multiplyAdd(sum0, weight, x, at);
            sum1 = multiplyAdd(sum1, weight, x, at + 1);
            sum2 = multiplyAdd(sum2, weight, x, at + 2);
            sum3 = multiplyAdd(sum3, weight, x, at + 3);
            sum4 = multiplyAdd(sum4, weight, x, at + 4);
            sum5 = multiplyAdd(sum5, weight, x, at + 5);
            sum6 = multiplyAdd(sum6, weight, x, at + 6);
            sum7 = multiplyAdd(sum7, weight, x, at + 7);
            at += rows;
        }
        sum0.intoArray(sums, to);
        sum1.intoArray(sums, to + LANES);
        sum2.intoArray(sums, to + 2 * LANES);
        sum3.intoArray(sums, to + 3 * LANES);
        sum4.intoArray(sums, to + 4 * LANES);
        sum5.intoArray(sums, to + 5 * LANES);
        sum6.intoArray(sums, to + 6 * LANES);
        sum7.intoArray(sums, to + 7 * LANES);
    }
}
