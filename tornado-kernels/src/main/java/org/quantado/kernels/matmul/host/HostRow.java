package org.quantado.kernels.matmul.host;

import java.lang.foreign.MemorySegment;

import org.quantado.kernels.matmul.tiled.TileCode;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Single rows of x: weights are decoded in registers. */
final class HostRow {
    private HostRow() {
    }

    /** One row of x with one vector of outputs. */
    static void ofIntegers(HostTile tile, int lane, MemorySegment x, long first, int m) {
        int wordsPerGroup = tile.runsPerGroup * tile.width / 2;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            float total = tile.hasZeros ? total(x, at, tile.runsPerGroup * TileCode.RUN) : 0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w++) {
                IntVector word = tile.word(w, lane);
                for (int shift = Integer.SIZE - tile.width; shift >= 0; shift -= 4 * tile.width) {
                    IntVector digit0 = word.lanewise(VectorOperators.LSHL, shift)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                    dot0 = ((FloatVector) digit0.convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0))
                            .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at)), dot0);
                    IntVector digit1 = word.lanewise(VectorOperators.LSHL, shift - tile.width)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                    dot1 = ((FloatVector) digit1.convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0))
                            .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 1)),
                                    dot1);
                    IntVector digit2 = word.lanewise(VectorOperators.LSHL, shift - 2 * tile.width)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                    dot2 = ((FloatVector) digit2.convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0))
                            .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 2)),
                                    dot2);
                    IntVector digit3 = word.lanewise(VectorOperators.LSHL, shift - 3 * tile.width)
                            .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                    dot3 = ((FloatVector) digit3.convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0))
                            .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 3)),
                                    dot3);
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
            total += x.getAtIndex(HostVectors.FLOAT, first + i);
        }
        return total;
    }

    /** As {@link #ofIntegers}, for {@link TileCode#E2M1_CODE}: a run at a time, since groups are one or two of them. */
    static void ofE2m1(HostTile tile, int lane, MemorySegment x, long first, int m) {
        IntVector table = HostVectors.E2M1_BITS;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int run = 0; run < tile.groups * tile.runsPerGroup; run++) {
            FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
            FloatVector zero = tile.zero(run / tile.runsPerGroup, lane);
            IntVector word0 = tile.word(2 * run, lane);
            IntVector word1 = tile.word(2 * run + 1, lane);
            FloatVector dot0 = word0.selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at)));
            FloatVector dot1 = word0.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 1)));
            FloatVector dot2 = word0.lanewise(VectorOperators.LSHR, 8).selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 2)));
            FloatVector dot3 = word0.lanewise(VectorOperators.LSHR, 12).selectFrom(table).reinterpretAsFloats()
                    .mul(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 3)));
            dot0 = word0.lanewise(VectorOperators.LSHR, 16).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 4)), dot0);
            dot1 = word0.lanewise(VectorOperators.LSHR, 20).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 5)), dot1);
            dot2 = word0.lanewise(VectorOperators.LSHR, 24).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 6)), dot2);
            dot3 = word0.lanewise(VectorOperators.LSHR, 28).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 7)), dot3);
            dot0 = word1.selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 8)), dot0);
            dot1 = word1.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 9)), dot1);
            dot2 = word1.lanewise(VectorOperators.LSHR, 8).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 10)), dot2);
            dot3 = word1.lanewise(VectorOperators.LSHR, 12).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 11)), dot3);
            dot0 = word1.lanewise(VectorOperators.LSHR, 16).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 12)), dot0);
            dot1 = word1.lanewise(VectorOperators.LSHR, 20).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 13)), dot1);
            dot2 = word1.lanewise(VectorOperators.LSHR, 24).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 14)), dot2);
            dot3 = word1.lanewise(VectorOperators.LSHR, 28).selectFrom(table).reinterpretAsFloats()
                    .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 15)), dot3);
            float total = tile.hasZeros ? total(x, at, TileCode.RUN) : 0;
            sum = dot0.add(dot1).add(dot2.add(dot3)).sub(zero.mul(total)).fma(scale, sum);
            at += TileCode.RUN;
        }
        tile.store(m, lane, sum);
    }

    /**
     * As {@link #ofIntegers}, for {@link TileCode#E4M3_CODE}. The row of x is copied to an array, whose checks leave
     * the compiler room for the longer decoding.
     */
    static void ofE4m3(HostTile tile, int lane, MemorySegment x, long first, int m) {
        int wordsPerGroup = tile.runsPerGroup * Byte.SIZE / 2;
        FloatVector sum = tile.bias(lane);
        float[] row = x
                .asSlice(first * Float.BYTES, (long) tile.groups * tile.runsPerGroup * TileCode.RUN * Float.BYTES)
                .toArray(HostVectors.FLOAT);
        int at = 0;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w++) {
                IntVector word = tile.word(w, lane);
                IntVector code0 = word.lanewise(VectorOperators.LSHL, 24);
                IntVector magnitude0 = code0.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE);
                FloatVector value0 = magnitude0.add(HostVectors.E4M3_REBIAS).reinterpretAsFloats();
                value0 = value0.add(value0.sub(HostVectors.E4M3_SUBNORMAL),
                        magnitude0.lt(HostVectors.E4M3_NORMAL).cast(HostVectors.FLOATS));
                dot0 = value0.reinterpretAsInts().or(code0.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, row[at]), dot0);
                IntVector code1 = word.lanewise(VectorOperators.LSHL, 16);
                IntVector magnitude1 = code1.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE);
                FloatVector value1 = magnitude1.add(HostVectors.E4M3_REBIAS).reinterpretAsFloats();
                value1 = value1.add(value1.sub(HostVectors.E4M3_SUBNORMAL),
                        magnitude1.lt(HostVectors.E4M3_NORMAL).cast(HostVectors.FLOATS));
                dot1 = value1.reinterpretAsInts().or(code1.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, row[at + 1]), dot1);
                IntVector code2 = word.lanewise(VectorOperators.LSHL, 8);
                IntVector magnitude2 = code2.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE);
                FloatVector value2 = magnitude2.add(HostVectors.E4M3_REBIAS).reinterpretAsFloats();
                value2 = value2.add(value2.sub(HostVectors.E4M3_SUBNORMAL),
                        magnitude2.lt(HostVectors.E4M3_NORMAL).cast(HostVectors.FLOATS));
                dot2 = value2.reinterpretAsInts().or(code2.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, row[at + 2]), dot2);
                IntVector code3 = word.lanewise(VectorOperators.LSHL, 0);
                IntVector magnitude3 = code3.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE);
                FloatVector value3 = magnitude3.add(HostVectors.E4M3_REBIAS).reinterpretAsFloats();
                value3 = value3.add(value3.sub(HostVectors.E4M3_SUBNORMAL),
                        magnitude3.lt(HostVectors.E4M3_NORMAL).cast(HostVectors.FLOATS));
                dot3 = value3.reinterpretAsInts().or(code3.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, row[at + 3]), dot3);
                at += 4;
            }
            sum = dot0.add(dot1).add(dot2.add(dot3)).fma(scale, sum);
        }
        tile.store(m, lane, sum);
    }
}
