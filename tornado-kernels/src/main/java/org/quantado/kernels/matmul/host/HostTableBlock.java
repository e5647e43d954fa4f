package org.quantado.kernels.matmul.host;

import org.quantado.kernels.matmul.tiled.TiledWeight;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Blocks of rows of x with codes of 4 bits, whose values {@link HostTile#table} holds: they are decoded in registers. Not with
 * zero points, which would be a further operation for each of them.
 */
final class HostTableBlock {
    private HostTableBlock() {
    }

    /**
     * Adds the products of two to eight rows with a tile; those of five to seven are multiplied as eight.
     *
     * @param x {@code [rows, columns]}, with room for eight if there are more than four
     * @param sums {@code [rows, 16]}, with room for as many
     */
    static void multiply(HostTile tile, float[] x, int rows, int columns, float[] sums) {
        switch (rows) {
            case 2 -> twoRows(tile, x, columns, sums);
            case 3 -> threeRows(tile, x, columns, sums);
            case 4 -> fourRows(tile, x, columns, sums);
            default -> eightRows(tile, x, columns, sums);
        }
    }

    /** Two sums for each row: a single one waits for the addition before it. */
    private static void twoRows(HostTile tile, float[] x, int columns, float[] sums) {
        IntVector table = tile.table;
        int at = 0;
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, 0);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, TiledWeight.ROWS);
        for (int run = 0; run < tile.groups * tile.runsPerGroup; run++) {
            FloatVector scale = tile.scale(run / tile.runsPerGroup, 0);
            FloatVector even0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector even1 = even0;
            FloatVector odd0 = even0;
            FloatVector odd1 = even0;
            for (int w = 2 * run; w < 2 * run + 2; w++) {
                IntVector word = tile.word(w, 0);
                for (int i = 0; i < 4; i++) {
                    FloatVector even = word.selectFrom(table).reinterpretAsFloats();
                    even0 = even.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at]), even0);
                    even1 = even.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + columns]), even1);
                    FloatVector odd = word.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats();
                    odd0 = odd.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 1]), odd0);
                    odd1 = odd.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 1 + columns]), odd1);
                    word = word.lanewise(VectorOperators.LSHR, 8);
                    at += 2;
                }
            }
            sum0 = even0.add(odd0).fma(scale, sum0);
            sum1 = even1.add(odd1).fma(scale, sum1);
        }
        sum0.intoArray(sums, 0);
        sum1.intoArray(sums, TiledWeight.ROWS);
    }

    private static void threeRows(HostTile tile, float[] x, int columns, float[] sums) {
        IntVector table = tile.table;
        int at = 0;
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, 0);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, 2 * TiledWeight.ROWS);
        for (int run = 0; run < tile.groups * tile.runsPerGroup; run++) {
            FloatVector scale = tile.scale(run / tile.runsPerGroup, 0);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            for (int w = 2 * run; w < 2 * run + 2; w++) {
                IntVector word = tile.word(w, 0);
                for (int i = 0; i < 8; i++) {
                    FloatVector weight = word.selectFrom(table).reinterpretAsFloats();
                    dot0 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at]), dot0);
                    dot1 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + columns]), dot1);
                    dot2 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 2 * columns]), dot2);
                    word = word.lanewise(VectorOperators.LSHR, 4);
                    at++;
                }
            }
            sum0 = dot0.fma(scale, sum0);
            sum1 = dot1.fma(scale, sum1);
            sum2 = dot2.fma(scale, sum2);
        }
        sum0.intoArray(sums, 0);
        sum1.intoArray(sums, TiledWeight.ROWS);
        sum2.intoArray(sums, 2 * TiledWeight.ROWS);
    }

    private static void fourRows(HostTile tile, float[] x, int columns, float[] sums) {
        IntVector table = tile.table;
        int at = 0;
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, 0);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, 3 * TiledWeight.ROWS);
        for (int run = 0; run < tile.groups * tile.runsPerGroup; run++) {
            FloatVector scale = tile.scale(run / tile.runsPerGroup, 0);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = 2 * run; w < 2 * run + 2; w++) {
                IntVector word = tile.word(w, 0);
                for (int i = 0; i < 8; i++) {
                    FloatVector weight = word.selectFrom(table).reinterpretAsFloats();
                    dot0 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at]), dot0);
                    dot1 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + columns]), dot1);
                    dot2 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 2 * columns]), dot2);
                    dot3 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 3 * columns]), dot3);
                    word = word.lanewise(VectorOperators.LSHR, 4);
                    at++;
                }
            }
            sum0 = dot0.fma(scale, sum0);
            sum1 = dot1.fma(scale, sum1);
            sum2 = dot2.fma(scale, sum2);
            sum3 = dot3.fma(scale, sum3);
        }
        sum0.intoArray(sums, 0);
        sum1.intoArray(sums, TiledWeight.ROWS);
        sum2.intoArray(sums, 2 * TiledWeight.ROWS);
        sum3.intoArray(sums, 3 * TiledWeight.ROWS);
    }

    private static void eightRows(HostTile tile, float[] x, int columns, float[] sums) {
        IntVector table = tile.table;
        int at = 0;
        FloatVector sum0 = FloatVector.fromArray(HostVectors.FLOATS, sums, 0);
        FloatVector sum1 = FloatVector.fromArray(HostVectors.FLOATS, sums, TiledWeight.ROWS);
        FloatVector sum2 = FloatVector.fromArray(HostVectors.FLOATS, sums, 2 * TiledWeight.ROWS);
        FloatVector sum3 = FloatVector.fromArray(HostVectors.FLOATS, sums, 3 * TiledWeight.ROWS);
        FloatVector sum4 = FloatVector.fromArray(HostVectors.FLOATS, sums, 4 * TiledWeight.ROWS);
        FloatVector sum5 = FloatVector.fromArray(HostVectors.FLOATS, sums, 5 * TiledWeight.ROWS);
        FloatVector sum6 = FloatVector.fromArray(HostVectors.FLOATS, sums, 6 * TiledWeight.ROWS);
        FloatVector sum7 = FloatVector.fromArray(HostVectors.FLOATS, sums, 7 * TiledWeight.ROWS);
        for (int run = 0; run < tile.groups * tile.runsPerGroup; run++) {
            FloatVector scale = tile.scale(run / tile.runsPerGroup, 0);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            FloatVector dot4 = dot0;
            FloatVector dot5 = dot0;
            FloatVector dot6 = dot0;
            FloatVector dot7 = dot0;
            for (int w = 2 * run; w < 2 * run + 2; w++) {
                IntVector word = tile.word(w, 0);
                for (int i = 0; i < 8; i++) {
                    FloatVector weight = word.selectFrom(table).reinterpretAsFloats();
                    dot0 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at]), dot0);
                    dot1 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + columns]), dot1);
                    dot2 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 2 * columns]), dot2);
                    dot3 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 3 * columns]), dot3);
                    dot4 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 4 * columns]), dot4);
                    dot5 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 5 * columns]), dot5);
                    dot6 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 6 * columns]), dot6);
                    dot7 = weight.fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 7 * columns]), dot7);
                    word = word.lanewise(VectorOperators.LSHR, 4);
                    at++;
                }
            }
            sum0 = dot0.fma(scale, sum0);
            sum1 = dot1.fma(scale, sum1);
            sum2 = dot2.fma(scale, sum2);
            sum3 = dot3.fma(scale, sum3);
            sum4 = dot4.fma(scale, sum4);
            sum5 = dot5.fma(scale, sum5);
            sum6 = dot6.fma(scale, sum6);
            sum7 = dot7.fma(scale, sum7);
        }
        sum0.intoArray(sums, 0);
        sum1.intoArray(sums, TiledWeight.ROWS);
        sum2.intoArray(sums, 2 * TiledWeight.ROWS);
        sum3.intoArray(sums, 3 * TiledWeight.ROWS);
        sum4.intoArray(sums, 4 * TiledWeight.ROWS);
        sum5.intoArray(sums, 5 * TiledWeight.ROWS);
        sum6.intoArray(sums, 6 * TiledWeight.ROWS);
        sum7.intoArray(sums, 7 * TiledWeight.ROWS);
    }
}
