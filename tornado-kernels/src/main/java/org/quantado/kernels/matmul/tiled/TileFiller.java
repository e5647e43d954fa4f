package org.quantado.kernels.matmul.tiled;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.MatrixRows;

import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;

/** Fills tiles with the rows of an expert's weight, one tile after another, through buffers of its own. Not thread-safe. */
final class TileFiller {
    private final TiledWeight tiled;
    private final LinearWeight weight;
    private final MatrixRows.Reader reader;
    private final UnitPacker packer;
    private final float unit;
    private final int[] codes;
    private final int[] words;
    private final float[] row;
    private final float[] vectors;

    /** @param unit the value of the lowest bit of the tiles' code */
    TileFiller(TiledWeight tiled, LinearWeight weight, UnitPacker packer, float unit) {
        this.tiled = tiled;
        this.weight = weight;
        this.reader = weight.matrix().reader();
        this.packer = packer;
        this.unit = unit;
        this.codes = new int[weight.matrix().wordsPerRow()];
        this.words = new int[tiled.wordsPerRow() * TiledWeight.ROWS];
        this.row = new float[tiled.groups()];
        this.vectors = new float[tiled.groups() * TiledWeight.ROWS];
    }

    /** Fills the tiles {@code from} to {@code to}, exclusive, of an expert; false if it has a code that has no field. */
    boolean fill(int expert, int from, int to) {
        boolean complete = true;
        for (int tile = from; tile < to; tile++) {
            int firstRow = tile * TiledWeight.ROWS;
            int rows = Math.min(TiledWeight.ROWS, tiled.outputs() - firstRow);
            long target = expert * (long) tiled.tiles() + tile;
            complete &= fillWords(firstRow, rows, target);
            fillFloats(reader::scales, unit, firstRow, rows, tiled.scales(), target);
            if (tiled.hasZeros()) {
                fillFloats(reader::zeros, 1 / unit, firstRow, rows, tiled.zeros(), target);
            }
            MemorySegment.copy(weight.bias().getSegment(), firstRow * (long) Float.BYTES,
                    tiled.bias().getArray().getSegment(), target * TiledWeight.ROWS * Float.BYTES,
                    rows * (long) Float.BYTES);
        }
        return complete;
    }

    private boolean fillWords(int firstRow, int rows, long tile) {
        boolean complete = true;
        if (rows < TiledWeight.ROWS) {
            Arrays.fill(words, 0);
        }
        for (int lane = 0; lane < rows; lane++) {
            reader.words(firstRow + lane, codes);
            complete &= packer.pack(codes, words, lane);
        }
        MemorySegment.copy(words, 0, tiled.words().getArray().getSegment(), ValueLayout.JAVA_INT,
                tile * words.length * Integer.BYTES, words.length);
        return complete;
    }

    private void fillFloats(MatrixRows.RowOfFloats floats, float factor, int firstRow, int rows, VectorFloat16 target,
            long tile) {
        if (rows < TiledWeight.ROWS) {
            Arrays.fill(vectors, 0);
        }
        for (int lane = 0; lane < rows; lane++) {
            floats.read(firstRow + lane, row);
            for (int g = 0; g < row.length; g++) {
                vectors[g * TiledWeight.ROWS + lane] = row[g] * factor;
            }
        }
        MemorySegment.copy(vectors, 0, target.getArray().getSegment(), ValueLayout.JAVA_FLOAT,
                tile * vectors.length * Float.BYTES, vectors.length);
    }
}
