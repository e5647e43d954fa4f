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
 */
final class HostKernels implements TiledMatmul.Kernels {
    /** The widest vectors of the machine, of which a whole number is a tile's rows. */
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED.length() > TiledWeight.ROWS
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

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
     * @param sizes groups of a row and words of a row
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
                        shape.get(1), t, blocks.get(b) * tiles + t, sizes.get(0), sizes.get(1),
                        width, digitBits, amountMask, hasZeros == 1);
                multiplyTile(tile, x.getSegment().asReadOnly(), b, rows);
            }
        }
    }

    private static void multiplyTile(Tile tile, MemorySegment x, int block, int rows) {
        long at = (long) block * tile.groups * tile.fieldsPerGroup * rows;
        for (int lane = 0; lane < TiledWeight.ROWS; lane += FLOATS.length()) {
            if (rows == 1) {
                oneRow(tile, lane, x, at, block);
            } else {
                for (int r = 0; r < rows; r += Math.min(rows, 8)) {
                    if (rows == 4) {
                        fourRows(tile, lane, x, at, rows, block * rows);
                    } else {
                        eightRows(tile, lane, x, at + r, rows, block * rows + r);
                    }
                }
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
        private final int wordsPerRow;
        private final int wordsPerGroup;
        private final int perWord;
        private final int fieldsPerGroup;
        private final int width;
        private final int digitBits;
        private final int amountMask;
        private final boolean hasZeros;

        Tile(MemorySegment words, MemorySegment scales, MemorySegment zeros, MemorySegment bias, MemorySegment y,
                int rows, int outputs, int tileOfBlock, int tile, int groups, int wordsPerRow, int width,
                int digitBits, int amountMask, boolean hasZeros) {
            this.words = words;
            this.scales = scales;
            this.zeros = zeros;
            this.bias = bias;
            this.y = y;
            this.rows = rows;
            this.outputs = outputs;
            this.firstOutput = tileOfBlock * TiledWeight.ROWS;
            this.tile = tile;
            this.wordsPerRow = wordsPerRow;
            this.groups = groups;
            this.wordsPerGroup = wordsPerRow / groups;
            this.perWord = Integer.SIZE / width;
            this.fieldsPerGroup = wordsPerGroup * perWord;
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

        FloatVector decode(IntVector word, int j) {
            int shift = j * width;
            IntVector digit = word.lanewise(VectorOperators.LSHL, Integer.SIZE - digitBits - shift)
                    .lanewise(VectorOperators.ASHR, Integer.SIZE - digitBits);
            if (amountMask != 0) {
                IntVector amount = word.lanewise(VectorOperators.ASHR, shift + digitBits - 2).and(amountMask);
                digit = digit.lanewise(VectorOperators.LSHL, amount);
            }
            return (FloatVector) digit.convertShape(VectorOperators.I2F, FLOATS, 0);
        }

        void store(int m, int lane, FloatVector sum) {
            if (m < rows) {
                int n = firstOutput + lane;
                sum.intoMemorySegment(y, ((long) m * outputs + n) * Float.BYTES, ORDER,
                        FLOATS.indexInRange(n, outputs));
            }
        }
    }

    /** The products of one row of x, scaled once per group. */
    private static void oneRow(Tile tile, int lane, MemorySegment x, long at, int m) {
        FloatVector sum = tile.bias(lane);
        long k = at;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot = FloatVector.zero(FLOATS);
            for (int w = 0; w < tile.wordsPerGroup; w++) {
                IntVector word = tile.word(g * tile.wordsPerGroup + w, lane);
                for (int j = 0; j < tile.perWord; j++) {
                    FloatVector value = tile.decode(word, j).sub(zero);
                    dot = value.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k)), dot);
                    k++;
                }
            }
            sum = dot.fma(tile.scale(g, lane), sum);
        }
        tile.store(m, lane, sum);
    }

    /** The products of a block of four rows of x. */
    private static void fourRows(Tile tile, int lane, MemorySegment x, long at, int rowsPerBlock, int m) {
        FloatVector bias = tile.bias(lane);
        FloatVector sum0 = bias;
        FloatVector sum1 = bias;
        FloatVector sum2 = bias;
        FloatVector sum3 = bias;
        int fieldsPerGroup = tile.fieldsPerGroup;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            for (int w = 0; w < tile.wordsPerGroup; w++) {
                IntVector word = tile.word(g * tile.wordsPerGroup + w, lane);
                for (int j = 0; j < tile.perWord; j++) {
                    FloatVector weight = tile.decode(word, j).sub(zero).mul(scale);
                    long k = at + (g * (long) fieldsPerGroup + w * (long) tile.perWord + j) * rowsPerBlock;
                    sum0 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k)), sum0);
                    sum1 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 1)), sum1);
                    sum2 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 2)), sum2);
                    sum3 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 3)), sum3);
                }
            }
        }
        tile.store(m, lane, sum0);
        tile.store(m + 1, lane, sum1);
        tile.store(m + 2, lane, sum2);
        tile.store(m + 3, lane, sum3);
    }

    /** The products of eight rows of a block of x. */
    private static void eightRows(Tile tile, int lane, MemorySegment x, long at, int rowsPerBlock, int m) {
        FloatVector bias = tile.bias(lane);
        FloatVector sum0 = bias;
        FloatVector sum1 = bias;
        FloatVector sum2 = bias;
        FloatVector sum3 = bias;
        FloatVector sum4 = bias;
        FloatVector sum5 = bias;
        FloatVector sum6 = bias;
        FloatVector sum7 = bias;
        int fieldsPerGroup = tile.fieldsPerGroup;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            for (int w = 0; w < tile.wordsPerGroup; w++) {
                IntVector word = tile.word(g * tile.wordsPerGroup + w, lane);
                for (int j = 0; j < tile.perWord; j++) {
                    FloatVector weight = tile.decode(word, j).sub(zero).mul(scale);
                    long k = at + (g * (long) fieldsPerGroup + w * (long) tile.perWord + j) * rowsPerBlock;
                    sum0 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k)), sum0);
                    sum1 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 1)), sum1);
                    sum2 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 2)), sum2);
                    sum3 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 3)), sum3);
                    sum4 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 4)), sum4);
                    sum5 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 5)), sum5);
                    sum6 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 6)), sum6);
                    sum7 = weight.fma(FloatVector.broadcast(FLOATS, x.getAtIndex(FLOAT, k + 7)), sum7);
                }
            }
        }
        tile.store(m, lane, sum0);
        tile.store(m + 1, lane, sum1);
        tile.store(m + 2, lane, sum2);
        tile.store(m + 3, lane, sum3);
        tile.store(m + 4, lane, sum4);
        tile.store(m + 5, lane, sum5);
        tile.store(m + 6, lane, sum6);
        tile.store(m + 7, lane, sum7);
    }
}
