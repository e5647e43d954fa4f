package org.quantado.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.graph.LayerGraph;
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
 *
 * <p>The JVM's compiler keeps vectors in registers only where it puts all code into one method. It has room for little
 * more than the vector operations themselves: they are written out where they are needed, without methods of this class
 * between them, and a loop has one kind of code.
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

    /** What fields are, as kernels are told. */
    private static final int INTEGERS = 0;
    private static final int E2M1_CODES = 1;
    private static final int E4M3_CODES = 2;
    private static final int BFLOAT16 = 3;
    private static final int BINARY16 = 4;

    /** Runs that are decoded at a time: 16 KB of weights, which stay in the first cache beside the rows of x. */
    private static final int BUFFERED_RUNS = 16;

    /** How much lower the exponent and mantissa of E4M3 lie in a float than in the highest byte. */
    private static final int E4M3_TO_FLOAT_BITS = 4;

    private static final int E4M3_MAGNITUDE = 0x07F00000;

    /** From the exponent's bias of E4M3, 7, to that of a float, 127; in place. */
    private static final int E4M3_REBIAS = (127 - 7) << 23;

    /** The smallest exponent and mantissa of a normal number of E4M3, in place. */
    private static final int E4M3_NORMAL = 1 << 23;

    /** A subnormal number m of E4M3, m 2^-9, is rebiased to {@code y = (1 + m / 8) 2^-7}: it is {@code y + (y - 2^-6)}. */
    private static final float E4M3_SUBNORMAL = 0x1p-6f;

    /** The bits of a bfloat16 number in the upper half of a word: a float. */
    private static final int UPPER_HALF = -1 << Short.SIZE;

    /** How much lower the exponent and mantissa of binary16 lie in a float than in the upper half. */
    private static final int BINARY16_TO_FLOAT_BITS = 3;

    private static final int BINARY16_MAGNITUDE = 0x0FFFE000;

    /** From the exponent's bias of binary16, 15, to that of a float, 127; exact for subnormal numbers, too. */
    private static final float BINARY16_REBIAS = 0x1p112f;

    /** The values of E2M1 as the bits of floats: a vector of 16 holds them all, and picks them by their codes. */
    private static final IntVector E2M1_BITS = LANES == TiledWeight.ROWS
            ? FloatVector.fromArray(FLOATS, E2M1.table().toHeapArray(), 0).reinterpretAsInts()
            : IntVector.zero(INTS);

    @Override
    public List<TileCode> codes() {
        return LANES == TiledWeight.ROWS
                ? List.of(TileCode.INT2, TileCode.INT4, TileCode.E2M1_CODE, TileCode.INT8, TileCode.E4M3_CODE,
                        TileCode.BF16_BITS, TileCode.F16_BITS)
                : List.of(TileCode.INT2, TileCode.INT4, TileCode.INT8, TileCode.E4M3_CODE, TileCode.BF16_BITS,
                        TileCode.F16_BITS);
    }

    @Override
    public TaskPackage task(LayerGraph graph, String name, Rows x, RowBlocks blocks, TiledWeight weight, IntArray sizes,
            Rows y) {
        FloatArray tiled = TiledRows.addTo(graph, name + "Rows", x, y.shape(), weight, blocks.rows());
        TileCode code = weight.code();
        return TaskPackage.createPackage(name, HostKernels::multiply, tiled, weight.words(), weight.scales(),
                weight.zeros(), weight.bias(), y.values(), y.shape(), blocks.weightBlocks(), sizes, blocks.rows(),
                code.width(), encoding(code), weight.hasZeros() ? 1 : 0);
    }

    private static int encoding(TileCode code) {
        return switch (code) {
            case E2M1_CODE -> E2M1_CODES;
            case E4M3_CODE -> E4M3_CODES;
            case BF16_BITS -> BFLOAT16;
            case F16_BITS -> BINARY16;
            default -> INTEGERS;
        };
    }

    /**
     * {@code y[m,n] = bias[n] + sum_g scale[n,g] * sum_k x[m,k] * (value[n,k] - zero[n,g])}. The tiles pass a block of x,
     * which stays in the cache.
     *
     * @param x {@code [ceil(M / rows), K', rows]} as {@link TiledRows} lays it out
     * @param y {@code [M, N]}
     * @param shape M and N
     * @param blocks for each block of rows, the block of the weight
     * @param sizes {@link TiledWeight#sizes}
     */
    static void multiply(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int rows,
            int width, int encoding, int hasZeros) {
        for (@Parallel int b = 0; b < (shape.get(0) + rows - 1) / rows; b++) {
            for (@Parallel int t = 0; t < (shape.get(1) + TiledWeight.ROWS - 1) / TiledWeight.ROWS; t++) {
                int tiles = (shape.get(1) + TiledWeight.ROWS - 1) / TiledWeight.ROWS;
                Tile tile = new Tile(words.getSegment().asReadOnly(), scales.getSegment().asReadOnly(),
                        zeros.getSegment().asReadOnly(), bias.getSegment().asReadOnly(), y.getSegment(), shape.get(0),
                        shape.get(1), t, blocks.get(b) * tiles + t, sizes, width, encoding,
                        hasZeros == 1);
                multiplyTile(tile, x.getSegment().asReadOnly(), b * (long) sizes.get(3) * rows, b * rows, rows);
            }
        }
    }

    private static void multiplyTile(Tile tile, MemorySegment x, long at, int m, int rows) {
        if (rows > 1) {
            manyRows(tile, x, at, rows, m);
            return;
        }
        for (int lane = 0; lane < TiledWeight.ROWS; lane += LANES) {
            if (tile.isE4m3) {
                oneRowOfE4m3(tile, lane, x, at, m);
            } else if (tile.isE2m1) {
                oneRowOfE2m1(tile, lane, x, at, m);
            } else if (tile.isBFloat16) {
                oneRowOfBFloat16(tile, lane, x, at, m);
            } else if (tile.isBinary16) {
                oneRowOfBinary16(tile, lane, x, at, m);
            } else {
                oneRowOfIntegers(tile, lane, x, at, m);
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
        private final int width;
        private final boolean isE4m3;
        private final boolean isE2m1;
        private final boolean isBFloat16;
        private final boolean isBinary16;
        private final boolean hasZeros;

        Tile(MemorySegment words, MemorySegment scales, MemorySegment zeros, MemorySegment bias, MemorySegment y,
                int rows, int outputs, int tileOfBlock, int tile, IntArray sizes, int width, int encoding,
                boolean hasZeros) {
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
            this.width = width;
            this.isE4m3 = encoding == E4M3_CODES;
            this.isE2m1 = encoding == E2M1_CODES;
            this.isBFloat16 = encoding == BFLOAT16;
            this.isBinary16 = encoding == BINARY16;
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

        /** Writes the weights of a run, {@code [16, ROWS]}. */
        void decodeRun(int run, float[] weights, int to) {
            for (int lane = 0; lane < TiledWeight.ROWS; lane += LANES) {
                if (isE4m3) {
                    decodeE4m3(run, lane, weights, to + lane);
                } else if (isE2m1) {
                    decodeE2m1(run, lane, weights, to + lane);
                } else if (isBFloat16) {
                    decodeBFloat16(run, lane, weights, to + lane);
                } else if (isBinary16) {
                    decodeBinary16(run, lane, weights, to + lane);
                } else {
                    decodeIntegers(run, lane, weights, to + lane);
                }
            }
        }

        private void decodeIntegers(int run, int lane, float[] weights, int to) {
            FloatVector scale = scale(run / runsPerGroup, lane);
            FloatVector zero = zero(run / runsPerGroup, lane);
            int wordsPerRun = TileCode.RUN * width / Integer.SIZE;
            int at = to;
            for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
                IntVector word = word(w, lane);
                for (int shift = Integer.SIZE - width; shift >= 0; shift -= width) {
                    IntVector digit = word.lanewise(VectorOperators.LSHL, shift)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - width);
                    ((FloatVector) digit.convertShape(VectorOperators.I2F, FLOATS, 0)).sub(zero).mul(scale)
                            .intoArray(weights, at);
                    at += TiledWeight.ROWS;
                }
            }
        }

        private void decodeE2m1(int run, int lane, float[] weights, int to) {
            IntVector table = E2M1_BITS;
            FloatVector scale = scale(run / runsPerGroup, lane);
            FloatVector zero = zero(run / runsPerGroup, lane);
            int wordsPerRun = TileCode.RUN * width / Integer.SIZE;
            int at = to;
            for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
                IntVector word = word(w, lane);
                for (int shift = 0; shift < Integer.SIZE; shift += width) {
                    word.lanewise(VectorOperators.LSHR, shift).selectFrom(table).reinterpretAsFloats().sub(zero)
                            .mul(scale).intoArray(weights, at);
                    at += TiledWeight.ROWS;
                }
            }
        }

        private void decodeE4m3(int run, int lane, float[] weights, int to) {
            FloatVector scale = scale(run / runsPerGroup, lane);
            FloatVector zero = zero(run / runsPerGroup, lane);
            int wordsPerRun = TileCode.RUN * Byte.SIZE / Integer.SIZE;
            int at = to;
            for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
                IntVector word = word(w, lane);
                for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                    IntVector code = word.lanewise(VectorOperators.LSHL, shift);
                    IntVector magnitude = code.lanewise(VectorOperators.LSHR, E4M3_TO_FLOAT_BITS).and(E4M3_MAGNITUDE);
                    FloatVector value = magnitude.add(E4M3_REBIAS).reinterpretAsFloats();
                    value = value.add(value.sub(E4M3_SUBNORMAL), magnitude.lt(E4M3_NORMAL).cast(FLOATS));
                    value.reinterpretAsInts().or(code.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                            .mul(scale).intoArray(weights, at);
                    at += TiledWeight.ROWS;
                }
            }
        }

        private void decodeBFloat16(int run, int lane, float[] weights, int to) {
            FloatVector scale = scale(run / runsPerGroup, lane);
            FloatVector zero = zero(run / runsPerGroup, lane);
            int wordsPerRun = TileCode.RUN / 2;
            int at = to;
            for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
                IntVector word = word(w, lane);
                word.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().sub(zero).mul(scale)
                        .intoArray(weights, at);
                word.and(UPPER_HALF).reinterpretAsFloats().sub(zero).mul(scale).intoArray(weights,
                        at + TiledWeight.ROWS);
                at += 2 * TiledWeight.ROWS;
            }
        }

        private void decodeBinary16(int run, int lane, float[] weights, int to) {
            FloatVector scale = scale(run / runsPerGroup, lane);
            FloatVector zero = zero(run / runsPerGroup, lane);
            int wordsPerRun = TileCode.RUN / 2;
            int at = to;
            for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
                IntVector word = word(w, lane);
                for (int shift = Short.SIZE; shift >= 0; shift -= Short.SIZE) {
                    IntVector code = word.lanewise(VectorOperators.LSHL, shift);
                    code.lanewise(VectorOperators.LSHR, BINARY16_TO_FLOAT_BITS).and(BINARY16_MAGNITUDE)
                            .or(code.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(BINARY16_REBIAS).sub(zero)
                            .mul(scale).intoArray(weights, at);
                    at += TiledWeight.ROWS;
                }
            }
        }

        void store(int m, int lane, FloatVector sum) {
            int n = firstOutput + lane;
            sum.intoMemorySegment(y, ((long) m * outputs + n) * Float.BYTES, ORDER,
                    FLOATS.indexInRange(n, outputs));
        }

        void store(int m, int inTile, float sum) {
            int n = firstOutput + inTile;
            if (m < rows && n < outputs) {
                float offset = bias.getAtIndex(FLOAT, (long) tile * TiledWeight.ROWS + inTile);
                y.setAtIndex(FLOAT, (long) m * outputs + n, sum + offset);
            }
        }
    }

    /** One row of x with one vector of outputs. */
    private static void oneRowOfIntegers(Tile tile, int lane, MemorySegment x, long first, int m) {
        int wordsPerGroup = tile.runsPerGroup * tile.width / 2;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            float total = tile.hasZeros ? total(x, at, tile.runsPerGroup * TileCode.RUN) : 0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w++) {
                IntVector word = tile.word(w, lane);
                for (int shift = Integer.SIZE - tile.width; shift >= 0; shift -= 4 * tile.width) {
                    IntVector digit0 = word.lanewise(VectorOperators.LSHL, shift)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                    dot0 = ((FloatVector) digit0.convertShape(VectorOperators.I2F, FLOATS, 0))
                            .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at)), dot0);
                    IntVector digit1 = word.lanewise(VectorOperators.LSHL, shift - tile.width)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                    dot1 = ((FloatVector) digit1.convertShape(VectorOperators.I2F, FLOATS, 0))
                            .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 1)), dot1);
                    IntVector digit2 = word.lanewise(VectorOperators.LSHL, shift - 2 * tile.width)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                    dot2 = ((FloatVector) digit2.convertShape(VectorOperators.I2F, FLOATS, 0))
                            .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 2)), dot2);
                    IntVector digit3 = word.lanewise(VectorOperators.LSHL, shift - 3 * tile.width)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                    dot3 = ((FloatVector) digit3.convertShape(VectorOperators.I2F, FLOATS, 0))
                            .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 3)), dot3);
                    at += 4;
                }
            }
            FloatVector dot = dot0.add(dot1).add(dot2.add(dot3));
            sum = dot.sub(zero.mul(total)).fma(scale, sum);
        }
        tile.store(m, lane, sum);
    }

    private static float total(MemorySegment x, long first, int length) {
        float total = 0;
        for (int i = 0; i < length; i++) {
            total += x.getAtIndex(FLOAT, first + i);
        }
        return total;
    }

    /** As {@link #oneRowOfIntegers}, for {@link TileCode#E2M1_CODE}: a run at a time, since groups are one or two of them. */
    private static void oneRowOfE2m1(Tile tile, int lane, MemorySegment x, long first, int m) {
        IntVector table = E2M1_BITS;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int run = 0; run < tile.groups * tile.runsPerGroup; run++) {
            FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
            FloatVector zero = tile.zero(run / tile.runsPerGroup, lane);
            IntVector word0 = tile.word(2 * run, lane);
            IntVector word1 = tile.word(2 * run + 1, lane);
            FloatVector dot0 = word0.selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at)));
            FloatVector dot1 = word0.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 1)));
            FloatVector dot2 = word0.lanewise(VectorOperators.LSHR, 8).selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 2)));
            FloatVector dot3 = word0.lanewise(VectorOperators.LSHR, 12).selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 3)));
            dot0 = word0.lanewise(VectorOperators.LSHR, 16).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 4)), dot0);
            dot1 = word0.lanewise(VectorOperators.LSHR, 20).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 5)), dot1);
            dot2 = word0.lanewise(VectorOperators.LSHR, 24).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 6)), dot2);
            dot3 = word0.lanewise(VectorOperators.LSHR, 28).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 7)), dot3);
            dot0 = word1.selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 8)), dot0);
            dot1 = word1.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 9)), dot1);
            dot2 = word1.lanewise(VectorOperators.LSHR, 8).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 10)), dot2);
            dot3 = word1.lanewise(VectorOperators.LSHR, 12).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 11)), dot3);
            dot0 = word1.lanewise(VectorOperators.LSHR, 16).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 12)), dot0);
            dot1 = word1.lanewise(VectorOperators.LSHR, 20).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 13)), dot1);
            dot2 = word1.lanewise(VectorOperators.LSHR, 24).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 14)), dot2);
            dot3 = word1.lanewise(VectorOperators.LSHR, 28).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 15)), dot3);
            float total = tile.hasZeros ? total(x, at, TileCode.RUN) : 0;
            sum = dot0.add(dot1).add(dot2.add(dot3)).sub(zero.mul(total)).fma(scale, sum);
            at += TileCode.RUN;
        }
        tile.store(m, lane, sum);
    }

    /**
     * As {@link #oneRowOfIntegers}, for {@link TileCode#E4M3_CODE}. The row of x is copied to an array, whose checks leave
     * the compiler room for the longer decoding.
     */
    private static void oneRowOfE4m3(Tile tile, int lane, MemorySegment x, long first, int m) {
        int wordsPerGroup = tile.runsPerGroup * Byte.SIZE / 2;
        FloatVector sum = tile.bias(lane);
        float[] row = x
                .asSlice(first * Float.BYTES, (long) tile.groups * tile.runsPerGroup * TileCode.RUN * Float.BYTES)
                .toArray(FLOAT);
        int at = 0;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w++) {
                IntVector word = tile.word(w, lane);
                IntVector code0 = word.lanewise(VectorOperators.LSHL, 24);
                IntVector magnitude0 = code0.lanewise(VectorOperators.LSHR, E4M3_TO_FLOAT_BITS).and(E4M3_MAGNITUDE);
                FloatVector value0 = magnitude0.add(E4M3_REBIAS).reinterpretAsFloats();
                value0 = value0.add(value0.sub(E4M3_SUBNORMAL), magnitude0.lt(E4M3_NORMAL).cast(FLOATS));
                dot0 = value0.reinterpretAsInts().or(code0.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, row[at]), dot0);
                IntVector code1 = word.lanewise(VectorOperators.LSHL, 16);
                IntVector magnitude1 = code1.lanewise(VectorOperators.LSHR, E4M3_TO_FLOAT_BITS).and(E4M3_MAGNITUDE);
                FloatVector value1 = magnitude1.add(E4M3_REBIAS).reinterpretAsFloats();
                value1 = value1.add(value1.sub(E4M3_SUBNORMAL), magnitude1.lt(E4M3_NORMAL).cast(FLOATS));
                dot1 = value1.reinterpretAsInts().or(code1.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, row[at + 1]), dot1);
                IntVector code2 = word.lanewise(VectorOperators.LSHL, 8);
                IntVector magnitude2 = code2.lanewise(VectorOperators.LSHR, E4M3_TO_FLOAT_BITS).and(E4M3_MAGNITUDE);
                FloatVector value2 = magnitude2.add(E4M3_REBIAS).reinterpretAsFloats();
                value2 = value2.add(value2.sub(E4M3_SUBNORMAL), magnitude2.lt(E4M3_NORMAL).cast(FLOATS));
                dot2 = value2.reinterpretAsInts().or(code2.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, row[at + 2]), dot2);
                IntVector code3 = word.lanewise(VectorOperators.LSHL, 0);
                IntVector magnitude3 = code3.lanewise(VectorOperators.LSHR, E4M3_TO_FLOAT_BITS).and(E4M3_MAGNITUDE);
                FloatVector value3 = magnitude3.add(E4M3_REBIAS).reinterpretAsFloats();
                value3 = value3.add(value3.sub(E4M3_SUBNORMAL), magnitude3.lt(E4M3_NORMAL).cast(FLOATS));
                dot3 = value3.reinterpretAsInts().or(code3.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, row[at + 3]), dot3);
                at += 4;
            }
            sum = dot0.add(dot1).add(dot2.add(dot3)).fma(scale, sum);
        }
        tile.store(m, lane, sum);
    }

    /** As {@link #oneRowOfIntegers}, for {@link TileCode#BF16_BITS}. */
    private static void oneRowOfBFloat16(Tile tile, int lane, MemorySegment x, long first, int m) {
        int wordsPerGroup = tile.runsPerGroup * TileCode.RUN / 2;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w += 2) {
                IntVector word0 = tile.word(w, lane);
                IntVector word1 = tile.word(w + 1, lane);
                dot0 = word0.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at)), dot0);
                dot1 = word0.and(UPPER_HALF).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 1)), dot1);
                dot2 = word1.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 2)), dot2);
                dot3 = word1.and(UPPER_HALF).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 3)), dot3);
                at += 4;
            }
            sum = dot0.add(dot1).add(dot2.add(dot3)).fma(scale, sum);
        }
        tile.store(m, lane, sum);
    }

    /** As {@link #oneRowOfIntegers}, for {@link TileCode#F16_BITS}. */
    private static void oneRowOfBinary16(Tile tile, int lane, MemorySegment x, long first, int m) {
        int wordsPerGroup = tile.runsPerGroup * TileCode.RUN / 2;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w += 2) {
                IntVector word0 = tile.word(w, lane);
                IntVector word1 = tile.word(w + 1, lane);
                IntVector code0 = word0.lanewise(VectorOperators.LSHL, Short.SIZE);
                dot0 = code0.lanewise(VectorOperators.LSHR, BINARY16_TO_FLOAT_BITS).and(BINARY16_MAGNITUDE)
                        .or(code0.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(BINARY16_REBIAS).sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at)), dot0);
                IntVector code1 = word0;
                dot1 = code1.lanewise(VectorOperators.LSHR, BINARY16_TO_FLOAT_BITS).and(BINARY16_MAGNITUDE)
                        .or(code1.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(BINARY16_REBIAS).sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 1)), dot1);
                IntVector code2 = word1.lanewise(VectorOperators.LSHL, Short.SIZE);
                dot2 = code2.lanewise(VectorOperators.LSHR, BINARY16_TO_FLOAT_BITS).and(BINARY16_MAGNITUDE)
                        .or(code2.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(BINARY16_REBIAS).sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 2)), dot2);
                IntVector code3 = word1;
                dot3 = code3.lanewise(VectorOperators.LSHR, BINARY16_TO_FLOAT_BITS).and(BINARY16_MAGNITUDE)
                        .or(code3.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(BINARY16_REBIAS).sub(zero)
                        .fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 3)), dot3);
                at += 4;
            }
            sum = dot0.add(dot1).add(dot2.add(dot3)).fma(scale, sum);
        }
        tile.store(m, lane, sum);
    }

    /** The products of a block of 4 or 16 rows, {@code sums [16, rows]} or, of 4 rows, {@code [rows, 16]}. */
    private static void manyRows(Tile tile, MemorySegment x, long first, int rows, int m) {
        float[] weights = new float[BUFFERED_RUNS * TileCode.RUN * TiledWeight.ROWS];
        float[] sums = new float[rows * TiledWeight.ROWS];
        int runs = tile.groups * tile.runsPerGroup;
        for (int run = 0; run < runs; run += BUFFERED_RUNS) {
            int columns = Math.min(BUFFERED_RUNS, runs - run) * TileCode.RUN;
            for (int c = 0; c < columns; c += TileCode.RUN) {
                tile.decodeRun(run + c / TileCode.RUN, weights, c * TiledWeight.ROWS);
            }
            long at = first + run * (long) TileCode.RUN * rows;
            if (rows == TiledWeight.ROWS) {
                for (int n = 0; n < TiledWeight.ROWS; n += 8) {
                    for (int r = 0; r < rows; r += LANES) {
                        eightOutputs(weights, n, columns, x, at + r, sums, n * rows + r);
                    }
                }
            } else {
                for (int lane = 0; lane < TiledWeight.ROWS; lane += LANES) {
                    fourRows(weights, lane, columns, x, at, sums);
                }
            }
        }
        for (int r = 0; r < rows; r++) {
            for (int n = 0; n < TiledWeight.ROWS; n++) {
                tile.store(m + r, n, rows == TiledWeight.ROWS ? sums[n * rows + r] : sums[r * TiledWeight.ROWS + n]);
            }
        }
    }

    /** Four rows of x with one vector of outputs. */
    private static void fourRows(float[] weights, int lane, int columns, MemorySegment x, long first, float[] sums) {
        FloatVector sum0 = FloatVector.fromArray(FLOATS, sums, lane);
        FloatVector sum1 = FloatVector.fromArray(FLOATS, sums, lane + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(FLOATS, sums, lane + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(FLOATS, sums, lane + 3 * TiledWeight.ROWS);
        long at = first;
        for (int k = 0; k < columns; k++) {
            FloatVector weight = FloatVector.fromArray(FLOATS, weights, k * TiledWeight.ROWS + lane);
            sum0 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at)), sum0);
            sum1 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 1)), sum1);
            sum2 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 2)), sum2);
            sum3 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, at + 3)), sum3);
            at += 4;
        }
        sum0.intoArray(sums, lane);
        sum1.intoArray(sums, lane + TiledWeight.ROWS);
        sum2.intoArray(sums, lane + 2 * TiledWeight.ROWS);
        sum3.intoArray(sums, lane + 3 * TiledWeight.ROWS);
    }

    /** One vector of the 16 rows of x with eight outputs. */
    private static void eightOutputs(float[] weights, int firstOutput, int columns, MemorySegment x, long first,
            float[] sums, int to) {
        FloatVector sum0 = FloatVector.fromArray(FLOATS, sums, to);
        FloatVector sum1 = FloatVector.fromArray(FLOATS, sums, to + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(FLOATS, sums, to + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(FLOATS, sums, to + 3 * TiledWeight.ROWS);
        FloatVector sum4 = FloatVector.fromArray(FLOATS, sums, to + 4 * TiledWeight.ROWS);
        FloatVector sum5 = FloatVector.fromArray(FLOATS, sums, to + 5 * TiledWeight.ROWS);
        FloatVector sum6 = FloatVector.fromArray(FLOATS, sums, to + 6 * TiledWeight.ROWS);
        FloatVector sum7 = FloatVector.fromArray(FLOATS, sums, to + 7 * TiledWeight.ROWS);
        for (int k = 0; k < columns; k++) {
            FloatVector rows = FloatVector.fromMemorySegment(FLOATS, x,
                    (first + k * (long) TiledWeight.ROWS) * Float.BYTES,
                    ORDER);
            int at = k * TiledWeight.ROWS + firstOutput;
            sum0 = rows.fma(FloatVector.broadcast(FLOATS, weights[at]), sum0);
            sum1 = rows.fma(FloatVector.broadcast(FLOATS, weights[at + 1]), sum1);
            sum2 = rows.fma(FloatVector.broadcast(FLOATS, weights[at + 2]), sum2);
            sum3 = rows.fma(FloatVector.broadcast(FLOATS, weights[at + 3]), sum3);
            sum4 = rows.fma(FloatVector.broadcast(FLOATS, weights[at + 4]), sum4);
            sum5 = rows.fma(FloatVector.broadcast(FLOATS, weights[at + 5]), sum5);
            sum6 = rows.fma(FloatVector.broadcast(FLOATS, weights[at + 6]), sum6);
            sum7 = rows.fma(FloatVector.broadcast(FLOATS, weights[at + 7]), sum7);
        }
        sum0.intoArray(sums, to);
        sum1.intoArray(sums, to + TiledWeight.ROWS);
        sum2.intoArray(sums, to + 2 * TiledWeight.ROWS);
        sum3.intoArray(sums, to + 3 * TiledWeight.ROWS);
        sum4.intoArray(sums, to + 4 * TiledWeight.ROWS);
        sum5.intoArray(sums, to + 5 * TiledWeight.ROWS);
        sum6.intoArray(sums, to + 6 * TiledWeight.ROWS);
        sum7.intoArray(sums, to + 7 * TiledWeight.ROWS);
    }
}
