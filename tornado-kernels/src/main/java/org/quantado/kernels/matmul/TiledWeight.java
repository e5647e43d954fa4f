package org.quantado.kernels.matmul;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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
     * @param matrix blocks of rows, one below the other
     * @param bias one element per row
     * @param blocks how many blocks there are
     * @param codes of which the first that has the values of the matrix is taken
     * @return empty if none has them
     */
    static Optional<TiledWeight> pack(QuantizedMatrix matrix, FloatArray bias, int blocks, List<TileCode> codes) {
        FloatArray table = matrix.table();
        float[] values = new float[table.getSize()];
        for (int code = 0; code < values.length; code++) {
            values[code] = table.get(code);
        }
        return TileCode.first(codes, values).flatMap(scaled -> pack(matrix, bias, blocks, values, scaled));
    }

    private static Optional<TiledWeight> pack(QuantizedMatrix matrix, FloatArray bias, int blocks, float[] values,
            TileCode.Scaled scaled) {
        int groups = QuantizedMatrix.groups(matrix.inputs(), matrix.groupSize());
        int outputs = matrix.outputs() / blocks;
        int tiles = blocks * Math.ceilDiv(outputs, ROWS);
        int words = Math.addExact(
                Math.multiplyExact(tiles, units(groups, matrix.groupSize()) * scaled.code().width()), AHEAD);
        int[] fields = new int[values.length];
        for (int code = 0; code < fields.length; code++) {
            fields[code] = scaled.field(values[code]).orElse(NO_FIELD);
        }
        TiledWeight tiled = new TiledWeight(outputs, matrix.inputs(), scaled.code(), matrix.groupSize(), groups,
                new VectorInt16(words), new VectorFloat16(Math.multiplyExact(tiles, groups)),
                new VectorFloat16(matrix.hasZeros() ? tiles * groups : 1), matrix.hasZeros(), new VectorFloat16(tiles));
        AtomicBoolean complete = new AtomicBoolean(true);
        float unit = 1.0f / (1 << scaled.fraction());
        IntStream.range(0, tiles).parallel().forEach(tile -> {
            if (!tiled.fill(tile, matrix, bias, fields, unit)) {
                complete.set(false);
            }
        });
        return complete.get() ? Optional.of(tiled) : Optional.empty();
    }

    /** Fills one tile; false if the matrix has a code that has no field. */
    private boolean fill(int tile, QuantizedMatrix matrix, FloatArray rowBias, int[] fields, float unit) {
        boolean complete = true;
        for (int lane = 0; lane < ROWS; lane++) {
            int rowOfBlock = tile % tiles() * ROWS + lane;
            int row = tile / tiles() * outputs + rowOfBlock;
            boolean exists = rowOfBlock < outputs;
            bias.getArray().set(tile * ROWS + lane, exists ? rowBias.get(row) : 0);
            for (int g = 0; g < groups; g++) {
                int at = (tile * groups + g) * ROWS + lane;
                scales.getArray().set(at, exists ? matrix.scales().get(row * groups + g) * unit : 0);
                if (hasZeros) {
                    zeros.getArray().set(at, exists ? matrix.zeros().get(row * groups + g) / unit : 0);
                }
            }
            if (exists) {
                complete &= fillWords(tile, lane, matrix, row, fields);
            }
        }
        return complete;
    }

    private boolean fillWords(int tile, int lane, QuantizedMatrix matrix, int row, int[] fields) {
        IntArray from = matrix.words();
        int codeBits = matrix.codeBits();
        int codesPerWord = QuantizedMatrix.codesPerWord(codeBits);
        int firstWord = row * QuantizedMatrix.wordsPerRow(inputs, codeBits);
        int paddedGroup = runsPerGroup() * TileCode.RUN;
        int missing = 0;
        int[] unit = new int[code.width()];
        for (int u = 0; u < units(groups, groupSize); u++) {
            Arrays.fill(unit, 0);
            for (int c = 0; c < TileCode.UNIT; c++) {
                int padded = u * TileCode.UNIT + c;
                int inGroup = padded % paddedGroup;
                int k = padded / paddedGroup * groupSize + inGroup;
                if (inGroup < groupSize && k < inputs) {
                    int fromWord = from.get(firstWord + k / codesPerWord);
                    int field = fields[(fromWord >> (k % codesPerWord * codeBits)) & (fields.length - 1)];
                    missing |= field;
                    code.place(field, c, unit);
                }
            }
            for (int w = 0; w < unit.length; w++) {
                words.getArray().set((tile * wordsPerRow() + u * unit.length + w) * ROWS + lane, unit[w]);
            }
        }
        return missing >= 0;
    }
}
