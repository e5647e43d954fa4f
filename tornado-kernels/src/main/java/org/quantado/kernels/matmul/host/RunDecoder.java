package org.quantado.kernels.matmul.host;

import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Decodes columns of a tile to a buffer: {@code (field - zero) * scale}. */
final class RunDecoder {
    private RunDecoder() {
    }

    /** Writes the weights of a run, {@code [16, ROWS]}. */
    static void decode(HostTile tile, int run, float[] weights, int to) {
        for (int lane = 0; lane < TiledWeight.ROWS; lane += HostVectors.LANES) {
            if (tile.isE4m3) {
                decodeE4m3(tile, run, lane, weights, to + lane);
            } else if (tile.isTable) {
                decodeTable(tile, run, weights, to);
            } else if (tile.isBFloat16) {
                decodeBFloat16(tile, run, lane, weights, to + lane);
            } else if (tile.isBinary16) {
                decodeBinary16(tile, run, lane, weights, to + lane);
            } else if (tile.width == Byte.SIZE) {
                decodeBytes(tile, run, lane, weights, to + lane);
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

    private static void decodeBytes(HostTile tile, int run, int lane, float[] weights, int to) {
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector zero = tile.zero(run / tile.runsPerGroup, lane);
        int wordsPerRun = TileCode.RUN * Byte.SIZE / Integer.SIZE;
        for (int w = 0; w < wordsPerRun; w++) {
            IntVector word = tile.word(run * wordsPerRun + w, lane);
            int at = to + w * 4 * TiledWeight.ROWS;
            ((FloatVector) word.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24)
                    .convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero).mul(scale)
                    .intoArray(weights, at);
            ((FloatVector) word.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 24)
                    .convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero).mul(scale)
                    .intoArray(weights, at + TiledWeight.ROWS);
            ((FloatVector) word.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 24)
                    .convertShape(VectorOperators.I2F, HostVectors.FLOATS, 0)).sub(zero).mul(scale)
                    .intoArray(weights, at + 2 * TiledWeight.ROWS);
            ((FloatVector) word.lanewise(VectorOperators.ASHR, 24).convertShape(VectorOperators.I2F, HostVectors.FLOATS,
                    0)).sub(zero).mul(scale).intoArray(weights, at + 3 * TiledWeight.ROWS);
        }
    }

    private static void decodeTable(HostTile tile, int run, float[] weights, int to) {
        IntVector table = tile.table;
        FloatVector scale = tile.scale(run / tile.runsPerGroup, 0);
        FloatVector zero = tile.zero(run / tile.runsPerGroup, 0);
        for (int w = 0; w < 2; w++) {
            IntVector word = tile.word(2 * run + w, 0);
            int at = to + w * 8 * TiledWeight.ROWS;
            word.selectFrom(table).reinterpretAsFloats().sub(zero).mul(scale).intoArray(weights, at);
            word.lanewise(VectorOperators.LSHR, 4).selectFrom(table).reinterpretAsFloats().sub(zero).mul(scale)
                    .intoArray(weights, at + TiledWeight.ROWS);
            word.lanewise(VectorOperators.LSHR, 8).selectFrom(table).reinterpretAsFloats().sub(zero).mul(scale)
                    .intoArray(weights, at + 2 * TiledWeight.ROWS);
            word.lanewise(VectorOperators.LSHR, 12).selectFrom(table).reinterpretAsFloats().sub(zero).mul(scale)
                    .intoArray(weights, at + 3 * TiledWeight.ROWS);
            word.lanewise(VectorOperators.LSHR, 16).selectFrom(table).reinterpretAsFloats().sub(zero).mul(scale)
                    .intoArray(weights, at + 4 * TiledWeight.ROWS);
            word.lanewise(VectorOperators.LSHR, 20).selectFrom(table).reinterpretAsFloats().sub(zero).mul(scale)
                    .intoArray(weights, at + 5 * TiledWeight.ROWS);
            word.lanewise(VectorOperators.LSHR, 24).selectFrom(table).reinterpretAsFloats().sub(zero).mul(scale)
                    .intoArray(weights, at + 6 * TiledWeight.ROWS);
            word.lanewise(VectorOperators.LSHR, 28).selectFrom(table).reinterpretAsFloats().sub(zero).mul(scale)
                    .intoArray(weights, at + 7 * TiledWeight.ROWS);
        }
    }

    private static void decodeE4m3(HostTile tile, int run, int lane, float[] weights, int to) {
        FloatVector two = FloatVector.broadcast(HostVectors.FLOATS, 2);
        FloatVector minusSmallest = FloatVector.broadcast(HostVectors.FLOATS, -HostVectors.E4M3_SMALLEST_NORMAL);
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector offset = tile.zero(run / tile.runsPerGroup, lane).mul(scale).neg();
        int wordsPerRun = TileCode.RUN * Byte.SIZE / Integer.SIZE;
        for (int w = 0; w < wordsPerRun; w++) {
            IntVector word = tile.word(run * wordsPerRun + w, lane);
            int at = to + w * 4 * TiledWeight.ROWS;
            IntVector code0 = word.lanewise(VectorOperators.LSHL, 24);
            FloatVector value0 = code0.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                    .and(HostVectors.E4M3_MAGNITUDE).or(HostVectors.E4M3_EXPONENT).reinterpretAsFloats();
            value0.fma(two, minusSmallest).reinterpretAsInts().min(value0.reinterpretAsInts())
                    .or(code0.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.E4M3_UNIT)
                    .fma(scale, offset).intoArray(weights, at);
            IntVector code1 = word.lanewise(VectorOperators.LSHL, 16);
            FloatVector value1 = code1.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                    .and(HostVectors.E4M3_MAGNITUDE).or(HostVectors.E4M3_EXPONENT).reinterpretAsFloats();
            value1.fma(two, minusSmallest).reinterpretAsInts().min(value1.reinterpretAsInts())
                    .or(code1.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.E4M3_UNIT)
                    .fma(scale, offset).intoArray(weights, at + TiledWeight.ROWS);
            IntVector code2 = word.lanewise(VectorOperators.LSHL, 8);
            FloatVector value2 = code2.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                    .and(HostVectors.E4M3_MAGNITUDE).or(HostVectors.E4M3_EXPONENT).reinterpretAsFloats();
            value2.fma(two, minusSmallest).reinterpretAsInts().min(value2.reinterpretAsInts())
                    .or(code2.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.E4M3_UNIT)
                    .fma(scale, offset).intoArray(weights, at + 2 * TiledWeight.ROWS);
            IntVector code3 = word;
            FloatVector value3 = code3.lanewise(VectorOperators.LSHR, HostVectors.E4M3_TO_FLOAT_BITS)
                    .and(HostVectors.E4M3_MAGNITUDE).or(HostVectors.E4M3_EXPONENT).reinterpretAsFloats();
            value3.fma(two, minusSmallest).reinterpretAsInts().min(value3.reinterpretAsInts())
                    .or(code3.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.E4M3_UNIT)
                    .fma(scale, offset).intoArray(weights, at + 3 * TiledWeight.ROWS);
        }
    }

    private static void decodeBFloat16(HostTile tile, int run, int lane, float[] weights, int to) {
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector offset = tile.zero(run / tile.runsPerGroup, lane).mul(scale).neg();
        int wordsPerRun = TileCode.RUN / 2;
        int at = to;
        for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
            IntVector word = tile.word(w, lane);
            word.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().fma(scale, offset)
                    .intoArray(weights, at);
            word.and(HostVectors.UPPER_HALF).reinterpretAsFloats().fma(scale, offset).intoArray(weights,
                    at + TiledWeight.ROWS);
            at += 2 * TiledWeight.ROWS;
        }
    }

    private static void decodeBinary16(HostTile tile, int run, int lane, float[] weights, int to) {
        FloatVector scale = tile.scale(run / tile.runsPerGroup, lane);
        FloatVector offset = tile.zero(run / tile.runsPerGroup, lane).mul(scale).neg();
        int wordsPerRun = TileCode.RUN / 2;
        int at = to;
        for (int w = run * wordsPerRun; w < (run + 1) * wordsPerRun; w++) {
            IntVector word = tile.word(w, lane);
            for (int shift = Short.SIZE; shift >= 0; shift -= Short.SIZE) {
                IntVector code = word.lanewise(VectorOperators.LSHL, shift);
                code.lanewise(VectorOperators.LSHR, HostVectors.BINARY16_TO_FLOAT_BITS)
                        .and(HostVectors.BINARY16_MAGNITUDE)
                        .or(code.and(Integer.MIN_VALUE)).reinterpretAsFloats().mul(HostVectors.BINARY16_REBIAS)
                        .fma(scale, offset).intoArray(weights, at);
                at += TiledWeight.ROWS;
            }
        }
    }
}
