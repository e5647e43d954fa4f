package org.quantado.kernels.matmul;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;

/**
 * Weights in tiles of 16 rows: one vector holds the same word of each row of a tile. Groups are filled up with zeros to
 * whole runs, rows to whole units, and blocks to whole tiles.
 *
 * @param outputs N of one block of rows; several blocks may lie one below the other
 * @param inputs K
 * @param code what the fields are, and how they lie in the words of a unit
 * @param groupSize columns of a group
 * @param groups groups of a row
 * @param words {@code [tiles, wordsPerRow]} vectors, and {@value #AHEAD} more
 * @param scales {@code [tiles, groups]} vectors, times the value of the code's lowest bit
 * @param zeros {@code [tiles, groups]} vectors in units of the code's lowest bit, or one vector where all are 0
 * @param hasZeros whether there are zero points
 * @param bias {@code [tiles]} vectors
 */
record TiledWeight(int outputs, int inputs, TileCode code, int groupSize, int groups, VectorInt16 words,
        VectorFloat16 scales, VectorFloat16 zeros, boolean hasZeros, VectorFloat16 bias) {
    /** Rows of a tile: lanes of a vector. */
    static final int ROWS = 16;

    /** Words that kernels read beyond those of a row, without using them. */
    static final int AHEAD = 5;

    private static final int NO_FIELD = -1;
    private static final int NO_ROW = -1;

    /** Tiles of a block of rows. */
    int tiles() {
        return Math.ceilDiv(outputs, ROWS);
    }

    int runsPerGroup() {
        return Math.ceilDiv(groupSize, TileCode.RUN);
    }

    /** Columns of a row with those that fill up its groups and its last unit. */
    int paddedInputs() {
        return units(groups, groupSize) * TileCode.UNIT;
    }

    int wordsPerRow() {
        return units(groups, groupSize) * code.width();
    }

    /** What kernels need to know: groups, runs per group, words per row, padded inputs, pieces per run. */
    IntArray sizes() {
        return IntArray.fromElements(groups, runsPerGroup(), wordsPerRow(), paddedInputs(), code.piecesPerRun());
    }

    private static int units(int groups, int groupSize) {
        return Math.ceilDiv(Math.multiplyExact(groups, Math.ceilDiv(groupSize, TileCode.RUN)), 2);
    }

    /**
     * Packs a weight, with all processors.
     *
     * @param codes of which the first that has the values of the weight is taken
     * @return empty if none has them
     */
    static Optional<TiledWeight> pack(ExpertMatrix weights, List<TileCode> codes) {
        float[] values = weights.stacked().matrix().table().toHeapArray();
        return TileCode.first(codes, values).flatMap(scaled -> pack(weights, values, scaled));
    }

    private static Optional<TiledWeight> pack(ExpertMatrix weights, float[] values, TileCode.Scaled scaled) {
        QuantizedMatrix matrix = weights.stacked().matrix();
        int groups = QuantizedMatrix.groups(matrix.inputs(), matrix.groupSize());
        int outputs = weights.outputs();
        int tiles = weights.experts() * Math.ceilDiv(outputs, ROWS);
        int words = Math.addExact(
                Math.multiplyExact(tiles, units(groups, matrix.groupSize()) * scaled.code().width()), AHEAD);
        int[] fields = new int[values.length];
        for (int code = 0; code < fields.length; code++) {
            fields[code] = scaled.field(values[code]).orElse(NO_FIELD);
        }
        TiledWeight tiled = new TiledWeight(outputs, matrix.inputs(), scaled.code(), matrix.groupSize(), groups,
                new VectorInt16(words), new VectorFloat16(Math.multiplyExact(tiles, groups)),
                new VectorFloat16(matrix.hasZeros() ? tiles * groups : 1), matrix.hasZeros(), new VectorFloat16(tiles));
        float unit = 1.0f / (1 << scaled.fraction());
        boolean[] complete = new boolean[tiles];
        IntStream.range(0, tiles).parallel().forEach(tile -> {
            tiled.fillScales(tile, matrix, weights.stacked().bias(), unit);
            complete[tile] = tiled.fillWords(tile, matrix, fields);
        });
        return IntStream.range(0, tiles).allMatch(tile -> complete[tile]) ? Optional.of(tiled) : Optional.empty();
    }

    /** Row of the matrix in a lane of a tile, or {@value #NO_ROW}. */
    private int row(int tile, int lane) {
        int rowOfBlock = tile % tiles() * ROWS + lane;
        return rowOfBlock < outputs ? tile / tiles() * outputs + rowOfBlock : NO_ROW;
    }

    private void fillScales(int tile, QuantizedMatrix matrix, FloatArray rowBias, float unit) {
        for (int lane = 0; lane < ROWS; lane++) {
            int row = row(tile, lane);
            bias.getArray().set(tile * ROWS + lane, row == NO_ROW ? 0 : rowBias.get(row));
            for (int g = 0; g < groups; g++) {
                int at = (tile * groups + g) * ROWS + lane;
                scales.getArray().set(at, row == NO_ROW ? 0 : matrix.scales().get(row * groups + g) * unit);
                if (hasZeros) {
                    zeros.getArray().set(at, row == NO_ROW ? 0 : matrix.zeros().get(row * groups + g) / unit);
                }
            }
        }
    }

    /** False if the matrix has a code that has no field. */
    private boolean fillWords(int tile, QuantizedMatrix matrix, int[] fieldOfCode) {
        int codeBits = matrix.codeBits();
        int fromWordsPerRow = QuantizedMatrix.wordsPerRow(inputs, codeBits);
        IntArray from = matrix.words();
        IntArray to = words.getArray();
        UnitFields source = new UnitFields(inputs, groupSize, codeBits, fieldOfCode);
        int[] fields = new int[TileCode.UNIT];
        int[] unit = new int[code.width()];
        int missing = 0;
        for (int u = 0; u < units(groups, groupSize); u++) {
            int at = (tile * wordsPerRow() + u * unit.length) * ROWS;
            for (int lane = 0; lane < ROWS && row(tile, lane) != NO_ROW; lane++) {
                missing |= source.read(from, row(tile, lane) * fromWordsPerRow, u, fields);
                code.pack(fields, unit);
                for (int w = 0; w < unit.length; w++) {
                    to.set(at + w * ROWS + lane, unit[w]);
                }
            }
        }
        return missing >= 0;
    }
}
