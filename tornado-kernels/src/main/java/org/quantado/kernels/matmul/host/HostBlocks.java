package org.quantado.kernels.matmul.host;

import java.lang.foreign.MemorySegment;

import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import jdk.incubator.vector.FloatVector;

/** Blocks of rows of x: some columns of a tile are decoded to a buffer that stays in the cache, and multiplied with all rows. */
final class HostBlocks {
    /** Runs that are decoded at a time: 16 KB of weights, which stay in the first cache beside the rows of x. */
    private static final int BUFFERED_RUNS = 16;

    private HostBlocks() {
    }

    /** The products of a block of 4 or 16 rows, {@code sums [16, rows]} or, of 4 rows, {@code [rows, 16]}. */
    static void multiply(HostTile tile, MemorySegment x, long first, int rows, int m) {
        float[] weights = new float[BUFFERED_RUNS * TileCode.RUN * TiledWeight.ROWS];
        float[] sums = new float[rows * TiledWeight.ROWS];
        int runs = tile.groups * tile.runsPerGroup;
        for (int run = 0; run < runs; run += BUFFERED_RUNS) {
            int columns = Math.min(BUFFERED_RUNS, runs - run) * TileCode.RUN;
            for (int c = 0; c < columns; c += TileCode.RUN) {
                RunDecoder.decode(tile, run + c / TileCode.RUN, weights, c * TiledWeight.ROWS);
            }
            long at = first + run * (long) TileCode.RUN * rows;
            if (rows == TiledWeight.ROWS) {
                for (int n = 0; n < TiledWeight.ROWS; n += 8) {
                    for (int r = 0; r < rows; r += HostVectors.LANES) {
                        eightOutputs(weights, n, columns, x, at + r, sums, n * rows + r);
                    }
                }
            } else {
                for (int lane = 0; lane < TiledWeight.ROWS; lane += HostVectors.LANES) {
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
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, lane + 3 * TiledWeight.ROWS);
        long at = first;
        for (int k = 0; k < columns; k++) {
            FloatVector weight = FloatVector.fromArray(HostVectors.FLOATS, weights, k * TiledWeight.ROWS + lane);
            sum0 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at)), sum0);
            sum1 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 1)), sum1);
            sum2 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 2)), sum2);
            sum3 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 3)), sum3);
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
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, to);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 3 * TiledWeight.ROWS);
        FloatVector sum4 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 4 * TiledWeight.ROWS);
        FloatVector sum5 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 5 * TiledWeight.ROWS);
        FloatVector sum6 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 6 * TiledWeight.ROWS);
        FloatVector sum7 = FloatVector.fromArray(HostVectors.FLOATS, sums, to + 7 * TiledWeight.ROWS);
        for (int k = 0; k < columns; k++) {
            FloatVector rows = FloatVector.fromMemorySegment(HostVectors.FLOATS, x,
                    (first + k * (long) TiledWeight.ROWS) * Float.BYTES,
                    HostVectors.ORDER);
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
