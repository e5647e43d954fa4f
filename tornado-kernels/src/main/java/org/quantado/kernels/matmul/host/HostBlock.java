package org.quantado.kernels.matmul.host;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

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

    private static final int MOST_ROWS = 16;

    private static final ThreadLocal<HostBlock> OF_THREADS = ThreadLocal.withInitial(HostBlock::new);

    private final float[] weights = new float[BUFFERED_RUNS * TileCode.RUN * TiledWeight.ROWS];
    private final float[] sums = new float[MOST_ROWS * TiledWeight.ROWS];
    private float[] x = {};
    private int firstRow;
    private int rows;

    private HostBlock() {
    }

    /**
     * Block number b, until the thread asks for another one.
     *
     * @param x {@code [blocks, columns, rows]}
     * @param rows 1, 4, 8 or 16
     */
    static HostBlock ofThread(MemorySegment x, int b, int rows, int columns) {
        HostBlock block = OF_THREADS.get();
        int length = columns * rows;
        if (block.x.length < length) {
            block.x = new float[length];
        }
        MemorySegment.copy(x, HostVectors.FLOAT, b * (long) length * Float.BYTES, block.x, 0, length);
        block.firstRow = b * rows;
        block.rows = rows;
        return block;
    }

    /** The products with a tile, {@code sums [rows, 16]} or, of 16 rows, {@code [16, rows]}. */
    void multiply(HostTile tile) {
        Arrays.fill(sums, 0, rows * TiledWeight.ROWS, 0);
        if (rows == 1) {
            HostRow.multiply(tile, x, sums);
        } else if (rows == 4 && tile.isTable) {
            HostTableBlock.fourRows(tile, x, sums);
        } else if (rows == 8 && tile.isTable) {
            HostTableBlock.eightRows(tile, x, sums);
        } else {
            multiplyBuffered(tile);
        }
        for (int r = 0; r < rows; r++) {
            for (int n = 0; n < TiledWeight.ROWS; n++) {
                tile.store(firstRow + r, n, rows == MOST_ROWS ? sums[n * rows + r] : sums[r * TiledWeight.ROWS + n]);
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

    private void multiplyBuffered(int firstColumn, int columns) {
        if (rows == MOST_ROWS) {
            for (int n = 0; n < TiledWeight.ROWS; n += 8) {
                for (int r = 0; r < rows; r += HostVectors.LANES) {
                    eightOutputs(weights, n, columns, x, firstColumn * rows + r, sums, n * rows + r);
                }
            }
        } else if (rows == 8) {
            for (int lane = 0; lane < TiledWeight.ROWS; lane += HostVectors.LANES) {
                eightRows(weights, lane, columns, x, firstColumn, sums);
            }
        } else {
            for (int lane = 0; lane < TiledWeight.ROWS; lane += HostVectors.LANES) {
                fourRows(weights, lane, columns, x, firstColumn, sums);
            }
        }
    }

    /** Four rows of x with one vector of outputs. */
    private static void fourRows(float[] weights, int lane, int columns, float[] x, int firstColumn, float[] sums) {
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 3 * TiledWeight.ROWS);
        for (int k = 0; k < columns; k++) {
            FloatVector weight = FloatVector.fromArray(HostVectors.FLOATS, weights, k * TiledWeight.ROWS + lane);
            sum0 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * (firstColumn + k)]), sum0);
            sum1 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * (firstColumn + k) + 1]), sum1);
            sum2 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * (firstColumn + k) + 2]), sum2);
            sum3 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * (firstColumn + k) + 3]), sum3);
        }
        sum0.intoArray(sums, lane);
        sum1.intoArray(sums, lane + TiledWeight.ROWS);
        sum2.intoArray(sums, lane + 2 * TiledWeight.ROWS);
        sum3.intoArray(sums, lane + 3 * TiledWeight.ROWS);
    }

    /** Eight rows of x with one vector of outputs. */
    private static void eightRows(float[] weights, int lane, int columns, float[] x, int firstColumn, float[] sums) {
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 3 * TiledWeight.ROWS);
        FloatVector sum4 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 4 * TiledWeight.ROWS);
        FloatVector sum5 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 5 * TiledWeight.ROWS);
        FloatVector sum6 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 6 * TiledWeight.ROWS);
        FloatVector sum7 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 7 * TiledWeight.ROWS);
        for (int k = 0; k < columns; k++) {
            FloatVector weight = FloatVector.fromArray(HostVectors.FLOATS, weights, k * TiledWeight.ROWS + lane);
            sum0 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[8 * (firstColumn + k)]), sum0);
            sum1 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[8 * (firstColumn + k) + 1]), sum1);
            sum2 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[8 * (firstColumn + k) + 2]), sum2);
            sum3 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[8 * (firstColumn + k) + 3]), sum3);
            sum4 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[8 * (firstColumn + k) + 4]), sum4);
            sum5 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[8 * (firstColumn + k) + 5]), sum5);
            sum6 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[8 * (firstColumn + k) + 6]), sum6);
            sum7 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[8 * (firstColumn + k) + 7]), sum7);
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
