package org.quantado.kernels.matmul.host;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;

import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import jdk.incubator.vector.FloatVector;

/**
 * A block of rows of x, in an array: the bounds of one are checked outside loops, those of memory inside. Weights are
 * decoded in registers, or some columns at a time to a buffer that stays in the cache.
 */
final class HostBlock {
    /** Runs that are decoded at a time: 16 KB of weights, which stay in the first cache beside those columns of x. */
    private static final int BUFFERED_RUNS = 16;

    static final int MOST_ROWS = 16;

    /** Rows that are multiplied together, by how many there are. */
    private static final BlockSizes TOGETHER = BlockSizes.of(Map.of(1, 1, 2, 4, 5, 8, 9, MOST_ROWS));

    private static final ThreadLocal<HostBlock> OF_THREADS = ThreadLocal.withInitial(HostBlock::new);

    private final float[] weights = new float[BUFFERED_RUNS * TileCode.RUN * TiledWeight.ROWS];
    private final float[] sums = new float[MOST_ROWS * TiledWeight.ROWS];
    private float[] x = {};
    private int columns;
    private int firstRow;
    private int rows;
    private int filled;
    private int together;

    private HostBlock() {
    }

    /**
     * Block number b, until the thread asks for another one.
     *
     * @param x {@code [blocks, columns, 16]}
     */
    static HostBlock ofTile(MemorySegment x, int b, int columns) {
        HostBlock block = ofThread(b, MOST_ROWS, MOST_ROWS, columns);
        int length = columns * MOST_ROWS;
        MemorySegment.copy(x, HostVectors.FLOAT, b * (long) length * Float.BYTES, block.x, 0, length);
        return block;
    }

    /**
     * Block number b, until the thread asks for another one.
     *
     * @param x {@code [blocks, rows, columns]}
     * @param rows up to 16
     * @param filled how many of them count; the others have the bias alone
     */
    static HostBlock ofRows(MemorySegment x, int b, int rows, int filled, int columns) {
        HostBlock block = ofThread(b, rows, filled, columns);
        long offset = b * (long) rows * columns * Float.BYTES;
        if (block.together == MOST_ROWS) {
            block.turn(x, offset);
        } else {
            MemorySegment.copy(x, HostVectors.FLOAT, offset, block.x, 0, filled * columns);
        }
        return block;
    }

    private static HostBlock ofThread(int b, int rows, int filled, int columns) {
        HostBlock block = OF_THREADS.get();
        block.firstRow = b * rows;
        block.rows = rows;
        block.filled = filled;
        block.columns = columns;
        block.together = TOGETHER.rowsPerBlock(filled);
        if (block.x.length < columns * block.together) {
            block.x = new float[columns * block.together];
        }
        return block;
    }

    /** Rows as columns of 16. */
    private void turn(MemorySegment from, long offset) {
        for (int r = 0; r < filled; r++) {
            for (int k = 0; k < columns; k++) {
                x[k * MOST_ROWS + r] = from.get(HostVectors.FLOAT, offset + (r * (long) columns + k) * Float.BYTES);
            }
        }
    }

    /** The products with a tile, {@code sums [rows, 16]} or, of 16 rows together, {@code [16, rows]}. */
    void multiply(HostTile tile) {
        Arrays.fill(sums, 0);
        if (together == 1) {
            HostRow.multiply(tile, x, sums);
        } else if (together < MOST_ROWS && tile.isTable && !tile.hasZeros) {
            HostTableBlock.multiply(tile, x, filled, columns, sums);
        } else {
            multiplyBuffered(tile);
        }
        for (int r = 0; r < filled; r++) {
            for (int n = 0; n < TiledWeight.ROWS; n++) {
                tile.store(firstRow + r, n,
                        together == MOST_ROWS ? sums[n * MOST_ROWS + r] : sums[r * TiledWeight.ROWS + n]);
            }
        }
        for (int r = filled; r < rows; r++) {
            for (int n = 0; n < TiledWeight.ROWS; n++) {
                tile.store(firstRow + r, n, 0);
            }
        }
    }

    private void multiplyBuffered(HostTile tile) {
        int runs = tile.groups * tile.runsPerGroup;
        for (int run = 0; run < runs; run += BUFFERED_RUNS) {
            int count = Math.min(BUFFERED_RUNS, runs - run);
            for (int i = 0; i < count; i++) {
                RunDecoder.decode(tile, run + i, weights, i * TileCode.RUN * TiledWeight.ROWS);
            }
            multiplyBuffered(run * TileCode.RUN, count * TileCode.RUN);
        }
    }

    private void multiplyBuffered(int firstColumn, int count) {
        if (together == MOST_ROWS) {
            for (int n = 0; n < TiledWeight.ROWS; n += 8) {
                for (int r = 0; r < MOST_ROWS; r += HostVectors.LANES) {
                    eightOutputs(weights, n, count, x, firstColumn * MOST_ROWS + r, sums, n * MOST_ROWS + r);
                }
            }
        } else if (together == 8) {
            for (int lane = 0; lane < TiledWeight.ROWS; lane += HostVectors.LANES) {
                eightRows(weights, lane, count, x, firstColumn, columns, sums);
            }
        } else {
            for (int lane = 0; lane < TiledWeight.ROWS; lane += HostVectors.LANES) {
                fourRows(weights, lane, count, x, firstColumn, columns, sums);
            }
        }
    }

    /** Four rows of x with one vector of outputs. */
    private static void fourRows(float[] weights, int lane, int count, float[] x, int firstColumn, int columns,
            float[] sums) {
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 3 * TiledWeight.ROWS);
        for (int k = 0; k < count; k++) {
            FloatVector weight = FloatVector.fromArray(HostVectors.FLOATS, weights, k * TiledWeight.ROWS + lane);
            sum0 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k]), sum0);
            sum1 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + columns]), sum1);
            sum2 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + 2 * columns]), sum2);
            sum3 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + 3 * columns]), sum3);
        }
        sum0.intoArray(sums, lane);
        sum1.intoArray(sums, lane + TiledWeight.ROWS);
        sum2.intoArray(sums, lane + 2 * TiledWeight.ROWS);
        sum3.intoArray(sums, lane + 3 * TiledWeight.ROWS);
    }

    /** Eight rows of x with one vector of outputs. */
    private static void eightRows(float[] weights, int lane, int count, float[] x, int firstColumn, int columns,
            float[] sums) {
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 3 * TiledWeight.ROWS);
        FloatVector sum4 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 4 * TiledWeight.ROWS);
        FloatVector sum5 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 5 * TiledWeight.ROWS);
        FloatVector sum6 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 6 * TiledWeight.ROWS);
        FloatVector sum7 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 7 * TiledWeight.ROWS);
        for (int k = 0; k < count; k++) {
            FloatVector weight = FloatVector.fromArray(HostVectors.FLOATS, weights, k * TiledWeight.ROWS + lane);
            sum0 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k]), sum0);
            sum1 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + columns]), sum1);
            sum2 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + 2 * columns]), sum2);
            sum3 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + 3 * columns]), sum3);
            sum4 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + 4 * columns]), sum4);
            sum5 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + 5 * columns]), sum5);
            sum6 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + 6 * columns]), sum6);
            sum7 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[firstColumn + k + 7 * columns]), sum7);
        }
        sum0.intoArray(sums, lane);
        sum1.intoArray(sums, lane + TiledWeight.ROWS);
        sum2.intoArray(sums, lane + 2 * TiledWeight.ROWS);
        sum3.intoArray(sums, lane + 3 * TiledWeight.ROWS);
        sum4.intoArray(sums, lane + 4 * TiledWeight.ROWS);
        sum5.intoArray(sums, lane + 5 * TiledWeight.ROWS);
        sum6.intoArray(sums, lane + 6 * TiledWeight.ROWS);
        sum7.intoArray(sums, lane + 7 * TiledWeight.ROWS);
    }

    /** One vector of the 16 rows of x with eight outputs. */
    private static void eightOutputs(float[] weights, int firstOutput, int columns, float[] x, int first,
            float[] sums,
            int to) {
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, to);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 3 * TiledWeight.ROWS);
        FloatVector sum4 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 4 * TiledWeight.ROWS);
        FloatVector sum5 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 5 * TiledWeight.ROWS);
        FloatVector sum6 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 6 * TiledWeight.ROWS);
        FloatVector sum7 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 7 * TiledWeight.ROWS);
        for (int k = 0; k < columns; k++) {
            FloatVector rows = FloatVector.fromArray(HostVectors.FLOATS, x, k * MOST_ROWS + first);
            int at = k * TiledWeight.ROWS + firstOutput;
            sum0 = rows.fma(FloatVector.broadcast(HostVectors.FLOATS, weights[at]), sum0);
            sum1 = rows.fma(FloatVector.broadcast(HostVectors.FLOATS, weights[at + 1]), sum1);
            sum2 = rows.fma(FloatVector.broadcast(HostVectors.FLOATS, weights[at + 2]), sum2);
            sum3 = rows.fma(FloatVector.broadcast(HostVectors.FLOATS, weights[at + 3]), sum3);
            sum4 = rows.fma(FloatVector.broadcast(HostVectors.FLOATS, weights[at + 4]), sum4);
            sum5 = rows.fma(FloatVector.broadcast(HostVectors.FLOATS, weights[at + 5]), sum5);
            sum6 = rows.fma(FloatVector.broadcast(HostVectors.FLOATS, weights[at + 6]), sum6);
            sum7 = rows.fma(FloatVector.broadcast(HostVectors.FLOATS, weights[at + 7]), sum7);
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
