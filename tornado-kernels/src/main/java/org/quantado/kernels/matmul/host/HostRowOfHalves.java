package org.quantado.kernels.matmul.host;

import java.lang.foreign.MemorySegment;

import org.quantado.kernels.matmul.tiled.TileCode;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Single rows of x with weights of 16-bit floats, which are widened in registers. */
final class HostRowOfHalves {
    private HostRowOfHalves() {
    }

    /** As {@link HostRow#ofIntegers}, for {@link TileCode#BF16_BITS}. */
    static void ofBFloat16(HostTile tile, int lane, MemorySegment x, long first, int m) {
        int wordsPerGroup = tile.runsPerGroup * TileCode.RUN / 2;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w += 2) {
                IntVector word0 = tile.word(w, lane);
                IntVector word1 = tile.word(w + 1, lane);
                dot0 = word0.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at)), dot0);
                dot1 = word0.and(HostVectors.UPPER_HALF).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 1)), dot1);
                dot2 = word1.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 2)), dot2);
                dot3 = word1.and(HostVectors.UPPER_HALF).reinterpretAsFloats().sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 3)), dot3);
                at += 4;
            }
            sum = dot0.add(dot1).add(dot2.add(dot3)).fma(scale, sum);
        }
        tile.store(m, lane, sum);
    }

    /** As {@link HostRow#ofIntegers}, for {@link TileCode#F16_BITS}. */
    static void ofBinary16(HostTile tile, int lane, MemorySegment x, long first, int m) {
        int wordsPerGroup = tile.runsPerGroup * TileCode.RUN / 2;
        FloatVector sum = tile.bias(lane);
        long at = first;
        for (int g = 0; g < tile.groups; g++) {
            FloatVector scale = tile.scale(g, lane);
            FloatVector zero = tile.zero(g, lane);
            FloatVector dot0 = FloatVector.zero(HostVectors.FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int w = g * wordsPerGroup; w < (g + 1) * wordsPerGroup; w += 2) {
                IntVector word0 = tile.word(w, lane);
                IntVector word1 = tile.word(w + 1, lane);
                IntVector code0 = word0.lanewise(VectorOperators.LSHL, Short.SIZE);
                dot0 = code0.lanewise(VectorOperators.LSHR, HostVectors.BINARY16_TO_FLOAT_BITS)
                        .and(HostVectors.BINARY16_MAGNITUDE)
                        .or(code0.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.BINARY16_REBIAS)
                        .sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at)), dot0);
                IntVector code1 = word0;
                dot1 = code1.lanewise(VectorOperators.LSHR, HostVectors.BINARY16_TO_FLOAT_BITS)
                        .and(HostVectors.BINARY16_MAGNITUDE)
                        .or(code1.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.BINARY16_REBIAS)
                        .sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 1)), dot1);
                IntVector code2 = word1.lanewise(VectorOperators.LSHL, Short.SIZE);
                dot2 = code2.lanewise(VectorOperators.LSHR, HostVectors.BINARY16_TO_FLOAT_BITS)
                        .and(HostVectors.BINARY16_MAGNITUDE)
                        .or(code2.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.BINARY16_REBIAS)
                        .sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 2)), dot2);
                IntVector code3 = word1;
                dot3 = code3.lanewise(VectorOperators.LSHR, HostVectors.BINARY16_TO_FLOAT_BITS)
                        .and(HostVectors.BINARY16_MAGNITUDE)
                        .or(code3.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.BINARY16_REBIAS)
                        .sub(zero)
                        .fma(FloatVector.broadcast(HostVectors.FLOATS, x.getAtIndex(HostVectors.FLOAT, at + 3)), dot3);
                at += 4;
            }
            sum = dot0.add(dot1).add(dot2.add(dot3)).fma(scale, sum);
        }
        tile.store(m, lane, sum);
    }
}
