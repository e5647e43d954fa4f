package org.quantado.kernels.matmul;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;

/**
 * Weights in tiles of 16 rows: one vector holds the same word of each row of a tile. Rows and groups are filled up with
 * zeros to whole tiles and words.
 *
 * @param outputs N of one block of rows; several blocks, each filled up to whole tiles, may lie one below the other
 * @param inputs K
 * @param code what the fields of a word are
 * @param groupSize columns of a group
 * @param groups groups of a row
 * @param wordsPerGroup words of a group
 * @param words {@code [tiles, groups * wordsPerGroup]} vectors
 * @param scales {@code [tiles, groups]} vectors, times the value of the code's lowest bit
 * @param zeros {@code [tiles, groups]} vectors in units of the code's lowest bit, or one vector where all are 0
 * @param hasZeros whether there are zero points
 * @param bias {@code [tiles]} vectors
 */
record TiledWeight(int outputs, int inputs, TileCode code, int groupSize, int groups, int wordsPerGroup,
        VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros, boolean hasZeros,
        VectorFloat16 bias) {
    /** Rows of a tile: lanes of a vector. */
    static final int ROWS = 16;

    private static final int NO_FIELD = -1;

    /** Tiles of a block of rows. */
    int tiles() {
        return Math.ceilDiv(outputs, ROWS);
    }

    int wordsPerRow() {
        return groups * wordsPerGroup;
    }

    /** Columns of a group with those that fill it up. */
    int paddedGroup() {
        return wordsPerGroup * code.perWord();
    }

    /** Columns of a row with those that fill up its groups. */
    int paddedInputs() {
        return groups * paddedGroup();
    }

    /**
     * Packs a weight, with all processors.
     *
     * @param matrix blocks of rows, one below the other
     * @param bias one element per row
     * @param blocks how many blocks there are
     * @return empty if no {@link TileCode} has the values of the matrix
     */
    static Optional<TiledWeight> pack(QuantizedMatrix matrix, FloatArray bias, int blocks) {
        FloatArray table = matrix.table();
        float[] values = new float[table.getSize()];
        for (int code = 0; code < values.length; code++) {
            values[code] = table.get(code);
        }
        return TileCode.narrowest(values).flatMap(scaled -> pack(matrix, bias, blocks, values, scaled));
    }

    private static Optional<TiledWeight> pack(QuantizedMatrix matrix, FloatArray bias, int blocks, float[] values,
            TileCode.Scaled scaled) {
        int groups = QuantizedMatrix.groups(matrix.inputs(), matrix.groupSize());
        int wordsPerGroup = Math.ceilDiv(matrix.groupSize(), scaled.code().perWord());
        int outputs = matrix.outputs() / blocks;
        int tiles = blocks * Math.ceilDiv(outputs, ROWS);
        int[] fields = new int[values.length];
        for (int code = 0; code < fields.length; code++) {
            fields[code] = scaled.field(values[code]).orElse(NO_FIELD);
        }
        TiledWeight tiled = new TiledWeight(outputs, matrix.inputs(), scaled.code(), matrix.groupSize(), groups,
                wordsPerGroup, new VectorInt16(Math.multiplyExact(tiles, groups * wordsPerGroup)),
                new VectorFloat16(Math.multiplyExact(tiles, groups)),
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
        IntArray from = matrix.words();
        int codeBits = matrix.codeBits();
        int codesPerWord = QuantizedMatrix.codesPerWord(codeBits);
        int fromWordsPerRow = QuantizedMatrix.wordsPerRow(inputs, codeBits);
        int perWord = code.perWord();
        int missing = 0;
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
                int columns = exists ? Math.min(groupSize, inputs - g * groupSize) : 0;
                for (int w = 0; w < wordsPerGroup; w++) {
                    int word = 0;
                    int last = Math.min(columns, (w + 1) * perWord);
                    for (int c = w * perWord; c < last; c++) {
                        int k = g * groupSize + c;
                        int fromWord = from.get(row * fromWordsPerRow + k / codesPerWord);
                        int field = fields[(fromWord >> (k % codesPerWord * codeBits)) & (fields.length - 1)];
                        missing |= field;
                        word |= field << ((c - w * perWord) * code.width());
                    }
                    words.getArray().set(((tile * groups + g) * wordsPerGroup + w) * ROWS + lane, word);
                }
            }
        }
        return missing >= 0;
    }
}
