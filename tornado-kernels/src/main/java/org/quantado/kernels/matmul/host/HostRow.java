package org.quantado.kernels.matmul.host;

import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A row of x with weights that are decoded in registers. A group's products are multiplied with the scale together. Zero
 * points are taken from integers one by one: taken from sums, x that meet weights of 0 would leave their rounding errors.
 * Those of floats, which no scheme has, are multiplied with the sum of the group's x.
 */
final class HostRow {
    private static final int WORDS_OF_BYTES = TileCode.RUN * Byte.SIZE / Integer.SIZE;
    private static final int WORDS_OF_HALVES = TileCode.RUN * Short.SIZE / Integer.SIZE;

    private HostRow() {
    }

    /**
     * Adds the products with a tile.
     *
     * @param sums {@code [16]}
     */
    static void multiply(HostTile tile, float[] x, float[] sums) {
        if (tile.isTable) {
            if (tile.hasZeros) {
                ofTableWithZeros(tile, x, sums);
            } else {
                ofTable(tile, x, sums);
            }
            return;
        }
        for (int lane = 0; lane < TiledWeight.ROWS; lane += HostVectors.LANES) {
            if (tile.isE4m3) {
                ofE4m3(tile, lane, x, sums);
            } else if (tile.isBFloat16) {
                ofBFloat16(tile, lane, x, sums);
            } else if (tile.isBinary16) {
                ofBinary16(tile, lane, x, sums);
            } else if (tile.width == Byte.SIZE) {
                ofBytes(tile, lane, x, sums);
            } else {
                ofIntegers(tile, lane, x, sums);
            }
        }
    }

    /** Codes of 4 bits whose values {@link HostTile#table} holds: a run at a time, since groups are often one or two. */
    private static void ofTable(HostTile tile, float[] x, float[] sums) {
        IntVector table = tile.table;
        FloatVector sum = FloatVector.fromArray(HostVectors.FLOATS, sums, 0);
        for (int run = 0; run < tile.groups * tile.runsPerGroup; run++) {
            int group = run / tile.runsPerGroup;
            FloatVector scale = tile.scale(group, 0);
            IntVector word0 = tile.word(2 * run, 0);
            IntVector word1 = tile.word(2 * run + 1, 0);
            int at = run * TileCode.RUN;
            FloatVector dot0 = word0.selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(HostVectors.FLOATS, x[at]));
            FloatVector dot1 = word0.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(HostVectors.FLOATS, x[at + 1]));
            dot0 = word0.lanewise(VectorOperators.LSHR, 8).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 2]), dot0);
            dot1 = word0.lanewise(VectorOperators.LSHR, 12).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 3]), dot1);
            dot0 = word0.lanewise(VectorOperators.LSHR, 16).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 4]), dot0);
            dot1 = word0.lanewise(VectorOperators.LSHR, 20).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 5]), dot1);
            dot0 = word0.lanewise(VectorOperators.LSHR, 24).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 6]), dot0);
            dot1 = word0.lanewise(VectorOperators.LSHR, 28).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 7]), dot1);
            dot0 = word1.selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 8]), dot0);
            dot1 = word1.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 9]), dot1);
            dot0 = word1.lanewise(VectorOperators.LSHR, 8).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 10]), dot0);
            dot1 = word1.lanewise(VectorOperators.LSHR, 12).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 11]), dot1);
            dot0 = word1.lanewise(VectorOperators.LSHR, 16).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 12]), dot0);
            dot1 = word1.lanewise(VectorOperators.LSHR, 20).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 13]), dot1);
            dot0 = word1.lanewise(VectorOperators.LSHR, 24).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 14]), dot0);
            dot1 = word1.lanewise(VectorOperators.LSHR, 28).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 15]), dot1);
            sum = dot0.add(dot1).fma(scale, sum);
        }
        sum.intoArray(sums, 0);
    }

    /** The same with zero points. */
    private static void ofTableWithZeros(HostTile tile, float[] x, float[] sums) {
        IntVector table = tile.table;
        FloatVector sum = FloatVector.fromArray(HostVectors.FLOATS, sums, 0);
        for (int run = 0; run < tile.groups * tile.runsPerGroup; run++) {
            int group = run / tile.runsPerGroup;
            FloatVector zero = tile.zero(group, 0);
            IntVector word0 = tile.word(2 * run, 0);
            IntVector word1 = tile.word(2 * run + 1, 0);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            for (int k = run * TileCode.RUN; k < run * TileCode.RUN + TileCode.RUN / 2; k++) {
                dot0 = word0.selectFrom(table).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[k]), dot0);
                dot1 = word1.selectFrom(table).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[k + TileCode.RUN / 2]), dot1);
                word0 = word0.lanewise(VectorOperators.LSHR, 4);
                word1 = word1.lanewise(VectorOperators.LSHR, 4);
            }
            sum = dot0.add(dot1).fma(tile.scale(group, 0), sum);
        }
        sum.intoArray(sums, 0);
    }

    /** {@link TileCode#INT8}, with shifts that the compiler knows. */
    private static void ofBytes(HostTile tile, int lane, float[] x, float[] sums) {
        FloatVector sum = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        for (int group = 0; group < tile.groups; group++) {
            int run = group * tile.runsPerGroup;
            int next = run + tile.runsPerGroup;
            FloatVector scale = tile.scale(group, lane);
            FloatVector zero = tile.zero(group, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = WORDS_OF_BYTES * run; w < WORDS_OF_BYTES * next; w++) {
                IntVector word = tile.word(w, lane);
                dot0 = ((FloatVector) word.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24)
                        .convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * w]), dot0);
                dot1 = ((FloatVector) word.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 24)
                        .convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * w + 1]), dot1);
                dot2 = ((FloatVector) word.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 24)
                        .convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * w + 2]), dot2);
                dot3 = ((FloatVector) word.lanewise(VectorOperators.ASHR, 24).convertShape(VectorOperators.I2F,
                        HostVectors.FLOATS, 0)).sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * w + 3]), dot3);
            }
            sum = dot0.add(dot1).add(dot2.add(dot3)).fma(scale, sum);
        }
        sum.intoArray(sums, lane);
    }

    /** Integers of any width that divides a word. */
    private static void ofIntegers(HostTile tile, int lane, float[] x, float[] sums) {
        int fields = Integer.SIZE / tile.width;
        int words = TileCode.RUN / fields;
        FloatVector sum = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        for (int group = 0; group < tile.groups; group++) {
            int run = group * tile.runsPerGroup;
            int next = run + tile.runsPerGroup;
            FloatVector scale = tile.scale(group, lane);
            FloatVector zero = tile.zero(group, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            for (int w = words * run; w < words * next; w++) {
                IntVector word = tile.word(w, lane);
                int at = w * fields;
                for (int shift = Integer.SIZE - tile.width; shift >= 0; shift -= 2 * tile.width) {
                    dot0 = ((FloatVector) word.lanewise(VectorOperators.LSHL, shift)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width)
                            .convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero)
                            .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at]), dot0);
                    dot1 = ((FloatVector) word.lanewise(VectorOperators.LSHL, shift - tile.width)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width)
                            .convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero)
                            .fma(FloatVector.broadcast(HostVectors.FLOATS, x[at + 1]), dot1);
                    at += 2;
                }
            }
            sum = dot0.add(dot1).fma(scale, sum);
        }
        sum.intoArray(sums, lane);
    }

    /** {@link TileCode#E4M3_CODE}; up to the end, values are by {@link HostVectors#E4M3_UNIT} too large. */
    private static void ofE4m3(HostTile tile, int lane, float[] x, float[] sums) {
        FloatVector minusSmallest = FloatVector.broadcast(HostVectors.FLOATS, -HostVectors.E4M3_SMALLEST_NORMAL);
        FloatVector two = FloatVector.broadcast(HostVectors.FLOATS, 2);
        FloatVector sum = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        for (int group = 0; group < tile.groups; group++) {
            int run = group * tile.runsPerGroup;
            int next = run + tile.runsPerGroup;
            FloatVector scale = tile.scale(group, lane);
            FloatVector zero = tile.zero(group, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = WORDS_OF_BYTES * run; w < WORDS_OF_BYTES * next; w++) {
                IntVector word = tile.word(w, lane);
                IntVector code0 = word.lanewise(VectorOperators.LSHL, 24);
                FloatVector value0 = code0.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE).or(HostVectors.E4M3_EXPONENT).reinterpretAsFloats();
                dot0 = value0.fma(two, minusSmallest).reinterpretAsInts().min(value0.reinterpretAsInts())
                        .or(code0.and(Integer.MIN_VALUE)).reinterpretAsFloats()
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * w]), dot0);
                IntVector code1 = word.lanewise(VectorOperators.LSHL, 16);
                FloatVector value1 = code1.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE).or(HostVectors.E4M3_EXPONENT).reinterpretAsFloats();
                dot1 = value1.fma(two, minusSmallest).reinterpretAsInts().min(value1.reinterpretAsInts())
                        .or(code1.and(Integer.MIN_VALUE)).reinterpretAsFloats()
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * w + 1]), dot1);
                IntVector code2 = word.lanewise(VectorOperators.LSHL, 8);
                FloatVector value2 = code2.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE).or(HostVectors.E4M3_EXPONENT).reinterpretAsFloats();
                dot2 = value2.fma(two, minusSmallest).reinterpretAsInts().min(value2.reinterpretAsInts())
                        .or(code2.and(Integer.MIN_VALUE)).reinterpretAsFloats()
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * w + 2]), dot2);
                IntVector code3 = word;
                FloatVector value3 = code3.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE).or(HostVectors.E4M3_EXPONENT).reinterpretAsFloats();
                dot3 = value3.fma(two, minusSmallest).reinterpretAsInts().min(value3.reinterpretAsInts())
                        .or(code3.and(Integer.MIN_VALUE)).reinterpretAsFloats()
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[4 * w + 3]), dot3);
            }
            float total = tile.hasZeros ? total(x, run * TileCode.RUN, next * TileCode.RUN) : 0;
            sum = dot0.add(dot1).add(dot2.add(dot3)).mul(HostVectors.E4M3_UNIT).sub(zero.mul(total)).fma(scale, sum);
        }
        sum.intoArray(sums, lane);
    }

    /** {@link TileCode#BF16_BITS}. */
    private static void ofBFloat16(HostTile tile, int lane, float[] x, float[] sums) {
        FloatVector sum = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        for (int group = 0; group < tile.groups; group++) {
            int run = group * tile.runsPerGroup;
            int next = run + tile.runsPerGroup;
            FloatVector scale = tile.scale(group, lane);
            FloatVector zero = tile.zero(group, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            for (int w = WORDS_OF_HALVES * run; w < WORDS_OF_HALVES * next; w++) {
                IntVector word = tile.word(w, lane);
                dot0 = word.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats()
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[2 * w]), dot0);
                dot1 = word.and(HostVectors.UPPER_HALF).reinterpretAsFloats()
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[2 * w + 1]), dot1);
            }
            float total = tile.hasZeros ? total(x, run * TileCode.RUN, next * TileCode.RUN) : 0;
            sum = dot0.add(dot1).sub(zero.mul(total)).fma(scale, sum);
        }
        sum.intoArray(sums, lane);
    }

    /** {@link TileCode#F16_BITS}. */
    private static void ofBinary16(HostTile tile, int lane, float[] x, float[] sums) {
        FloatVector sum = FloatVector.fromArray(HostVectors.FLOATS, sums, lane);
        for (int group = 0; group < tile.groups; group++) {
            int run = group * tile.runsPerGroup;
            int next = run + tile.runsPerGroup;
            FloatVector scale = tile.scale(group, lane);
            FloatVector zero = tile.zero(group, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            for (int w = WORDS_OF_HALVES * run; w < WORDS_OF_HALVES * next; w++) {
                IntVector word = tile.word(w, lane);
                IntVector code0 = word.lanewise(VectorOperators.LSHL, Short.SIZE);
                dot0 = code0.lanewise(VectorOperators.LSHR, HostVectors.BINARY16_TO_FLOAT_BITS)
                        .and(HostVectors.BINARY16_MAGNITUDE).or(code0.and(Integer.MIN_VALUE)).reinterpretAsFloats()
                        .mul(HostVectors.BINARY16_REBIAS)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[2 * w]), dot0);
                IntVector code1 = word;
                dot1 = code1.lanewise(VectorOperators.LSHR, HostVectors.BINARY16_TO_FLOAT_BITS)
                        .and(HostVectors.BINARY16_MAGNITUDE).or(code1.and(Integer.MIN_VALUE)).reinterpretAsFloats()
                        .mul(HostVectors.BINARY16_REBIAS)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x[2 * w + 1]), dot1);
            }
            float total = tile.hasZeros ? total(x, run * TileCode.RUN, next * TileCode.RUN) : 0;
            sum = dot0.add(dot1).sub(zero.mul(total)).fma(scale, sum);
        }
        sum.intoArray(sums, lane);
    }

    private static float total(float[] x, int from, int to) {
        float total = 0;
        for (int i = from; i < to; i++) {
            total += x[i];
        }
        return total;
    }
}
