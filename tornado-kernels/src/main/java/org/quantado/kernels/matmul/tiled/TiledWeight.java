package org.quantado.kernels.matmul.tiled;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.kernels.matmul.ExpertStack;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.MatrixRows;
import org.quantado.kernels.memory.LargeArrays;

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
public record TiledWeight(int outputs, int inputs, TileCode code, int groupSize, int groups, VectorInt16 words,
        VectorFloat16 scales, VectorFloat16 zeros, boolean hasZeros, VectorFloat16 bias) {
    /** Rows of a tile: lanes of a vector. */
    public static final int ROWS = 16;

    /** Words that kernels read beyond those of a row, without using them. */
    public static final int AHEAD = 5;

    /** Parts of the tiles for each processor, which fill theirs with the same buffers: more would only need more of those. */
    private static final int PARTS_PER_PROCESSOR = 4;

    private static final int NO_FIELD = -1;

    /** Tiles of a block of rows. */
    int tiles() {
        return Math.ceilDiv(outputs, ROWS);
    }

    public int runsPerGroup() {
        return Math.ceilDiv(groupSize, TileCode.RUN);
    }

    /** Columns of a row with those that fill up its groups and its last unit. */
    public int paddedInputs() {
        return units(groups, groupSize) * TileCode.UNIT;
    }

    public int wordsPerRow() {
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
     * Packs the weights of experts, one after another, with all processors.
     *
     * @param codes of which the first that has the values of the weights is taken
     * @return empty if none has them
     * @throws IllegalArgumentException if the weights are not alike, or too large for an array
     */
    static Optional<TiledWeight> pack(ExpertWeights weights, List<TileCode> codes) {
        LinearWeight first = weights.read(0);
        float[] values = first.matrix().table().toHeapArray();
        return TileCode.first(codes, values).flatMap(scaled -> pack(weights, first, values, scaled));
    }

    private static Optional<TiledWeight> pack(ExpertWeights weights, LinearWeight first, float[] values,
            TileCode.Scaled scaled) {
        MatrixRows matrix = first.matrix();
        int[] fields = new int[values.length];
        for (int code = 0; code < fields.length; code++) {
            fields[code] = scaled.field(values[code]).orElse(NO_FIELD);
        }
        TiledWeight tiled = allocate(matrix, weights.experts(), scaled.code());
        UnitPacker packer = UnitPacker.of(scaled.code(), matrix, fields);
        float unit = 1.0f / (1 << scaled.fraction());
        LinearWeight weight = first;
        boolean complete = true;
        for (int expert = 0; expert < weights.experts() && complete; expert++) {
            if (expert > 0) {
                weight = weights.read(expert);
                ExpertStack.requireAlike(first, weight, expert);
            }
            complete = tiled.fill(expert, weight, packer, unit);
            weights.giveBack(weight);
        }
        return complete ? Optional.of(tiled) : Optional.empty();
    }

    private static TiledWeight allocate(MatrixRows matrix, int experts, TileCode code) {
        int groups = matrix.groups();
        long tiles = Math.ceilDiv(matrix.outputs(), ROWS);
        long words = tiles * units(groups, matrix.groupSize()) * code.width();
        int scales = vectors(experts, tiles * groups);
        return new TiledWeight(matrix.outputs(), matrix.inputs(), code, matrix.groupSize(), groups,
                new VectorInt16(
                        LargeArrays.ints((vectors(experts, words + AHEAD) - (experts - 1) * AHEAD) * ROWS)),
                floats(scales), floats(matrix.hasZeros() ? scales : 1), matrix.hasZeros(),
                floats(vectors(experts, tiles)));
    }

    private static VectorFloat16 floats(int vectors) {
        return new VectorFloat16(LargeArrays.floats(vectors * ROWS));
    }

    /** How many vectors all experts need, where one needs so many. */
    private static int vectors(int experts, long ofOne) {
        return ExpertStack.total(experts, ofOne * ROWS) / ROWS;
    }

    /** Fills the tiles of an expert; false if it has a code that has no field. */
    private boolean fill(int expert, LinearWeight weight, UnitPacker packer, float unit) {
        int parts = Math.min(tiles(), PARTS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors());
        return IntStream.range(0, parts).parallel()
                .mapToObj(part -> new TileFiller(this, weight, packer, unit).fill(expert, firstTile(part, parts),
                        firstTile(part + 1, parts)))
                .reduce(true, Boolean::logicalAnd);
    }

    private int firstTile(int part, int parts) {
        return (int) ((long) tiles() * part / parts);
    }
}
