package org.quantado.kernels.matmul.host;

import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Decodes columns of a tile to a buffer. */
final class RunDecoder {
    private RunDecoder() {
    }

    /** Writes the weights of a run, {@code [16, ROWS]}. */
    static void decode(HostTile tile, int run, float[] weights, int to) {
        for (int lane = 0; lane < TiledWeight.ROWS; lane += HostVectors.LANES) {
            if (tile.isE4m3) {
                decodeE4m3(tile, run, lane, weights, to + lane);
            } else if (tile.isE2m1) {
                decodeE2m1(tile, run, lane, weights, to + lane);
            } else if (tile.isBFloat16) {
                decodeBFloat16(tile, run, lane, weights, to + lane);
            } else if (tile.isBinary16) {
                decodeBinary16(tile, run, lane, weights, to + lane);
            } else {
                decodeIntegers(tile, run, lane, weights, to + lane);
            }
        }
    }

    private static void decodeIntegers(HostTile tile, int run, int lane, float[] weights, int to) {
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector zero = tile.zero(run / tile.runsPerGroup, lane);
        int wordsPerRun = TileCode.RUN * tile.width / Integer.SIZE;
        int at = to;
        for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
            IntVector word = tile.word(w, lane);
            for (int shift = Integer.SIZE - tile.width; shift >= 0; shift -= tile.width) {
                IntVector digit = word.lanewise(VectorOperators.LSHL, shift)
                        .lanewise(VectorOperators.ASHR, Integer.SIZE - tile.width);
                ((FloatVector) digit.convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero).mul(scale)
                        .intoArray(weights, at);
                at += TiledWeight.ROWS;
            }
        }
    }

    private static void decodeE2m1(HostTile tile, int run, int lane, float[] weights, int to) {
        IntVector table = HostVectors.E2M1_BITS;
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector zero = tile.zero(run / tile.runsPerGroup, lane);
        int wordsPerRun = TileCode.RUN * tile.width / Integer.SIZE;
        int at = to;
        for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
            IntVector word = tile.word(w, lane);
            for (int shift = 0; shift < Integer.SIZE; shift += tile.width) {
                word.lanewise(VectorOperators.LSHR, shift).selectFrom(table).reinterpretAsFloats().sub(zero)
                        .mul(scale).intoArray(weights, at);
                at += TiledWeight.ROWS;
            }
        }
    }

    private static void decodeE4m3(HostTile tile, int run, int lane, float[] weights, int to) {
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector zero = tile.zero(run / tile.runsPerGroup, lane);
        int wordsPerRun = TileCode.RUN * Byte.SIZE / Integer.SIZE;
        int at = to;
        for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
            IntVector word = tile.word(w, lane);
            for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                IntVector code = word.lanewise(VectorOperators.LSHL, shift);
                IntVector magnitude = code.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                        .and(HostVectors.E4M3_MAGNITUDE);
                FloatVector value = magnitude.add(HostVectors.E4M3_REBIAS).reinterpretAsFloats();
                value = value.add(value.sub(HostVectors.E4M3_SUBNORMAL),
                        magnitude.lt(HostVectors.E4M3_NORMAL).cast(HostVectors.FLOATS));
                value.reinterpretAsInts().or(code.and(Integer.MIN_VALUE)).reinterpretAsFloats().sub(zero)
                        .mul(scale).intoArray(weights, at);
                at += TiledWeight.ROWS;
            }
        }
    }

    private static void decodeBFloat16(HostTile tile, int run, int lane, float[] weights, int to) {
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector zero = tile.zero(run / tile.runsPerGroup, lane);
        int wordsPerRun = TileCode.RUN / 2;
        int at = to;
        for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
            IntVector word = tile.word(w, lane);
            word.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().sub(zero).mul(scale)
                    .intoArray(weights, at);
            word.and(HostVectors.UPPER_HALF).reinterpretAsFloats().sub(zero).mul(scale).intoArray(weights,
                    at + TiledWeight.ROWS);
            at += 2 * TiledWeight.ROWS;
        }
    }

    private static void decodeBinary16(HostTile tile, int run, int lane, float[] weights, int to) {
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector zero = tile.zero(run / tile.runsPerGroup, lane);
        int wordsPerRun = TileCode.RUN / 2;
        int at = to;
        for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
            IntVector word = tile.word(w, lane);
            for (int shift = Short.SIZE; shift >= 0; shift -= Short.SIZE) {
                IntVector code = word.lanewise(VectorOperators.LSHL, shift);
                code.lanewise(VectorOperators.LSHR, HostVectors.BINARY16_TO_FLOAT_BITS)
                        .and(HostVectors.BINARY16_MAGNITUDE)
                        .or(code.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.BINARY16_REBIAS)
                        .sub(zero)
                        .mul(scale).intoArray(weights, at);
                at += TiledWeight.ROWS;
            }
        }
    }
}
