package org.quantado.kernels.matmul.tiled;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;

/** Fills tiles with the rows of an expert's weight, one tile after another, through buffers of its own. Not thread-safe. */
final class TileFiller {
    private final TiledWeight tiled;
    private final LinearWeight weight;
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
        this.packer = packer;
        this.unit = unit;
        this.codes = new int[QuantizedMatrix.wordsPerRow(tiled.inputs(), weight.matrix().codeBits())];
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
            QuantizedMatrix matrix = weight.matrix();
            fillFloats(matrix.scales(), tiled.groups(), unit, firstRow, rows, tiled.scales(), target);
            if (tiled.hasZeros()) {
                fillFloats(matrix.zeros(), tiled.groups(), 1 / unit, firstRow, rows, tiled.zeros(), target);
            }
            fillFloats(weight.bias(), 1, 1, firstRow, rows, tiled.bias(), target);
        }
        return complete;
    }

    private boolean fillWords(int firstRow, int rows, long tile) {
        boolean complete = true;
        if (rows < TiledWeight.ROWS) {
            Arrays.fill(words, 0);
        }
        MemorySegment matrix = weight.matrix().words().getSegment();
        for (int lane = 0; lane < rows; lane++) {
            MemorySegment.copy(matrix, ValueLayout.JAVA_INT, (firstRow + lane) * (long) codes.length * Integer.BYTES,
                    codes, 0, codes.length);
            complete &= packer.pack(codes, words, lane);
        }
        MemorySegment.copy(words, 0, tiled.words().getArray().getSegment(), ValueLayout.JAVA_INT,
                tile * words.length * Integer.BYTES, words.length);
        return complete;
    }

    /** @param width floats of a row */
    private void fillFloats(FloatArray floats, int width, float factor, int firstRow, int rows, VectorFloat16 target,
            long tile) {
        if (rows < TiledWeight.ROWS) {
            Arrays.fill(vectors, 0);
        }
        for (int lane = 0; lane < rows; lane++) {
            MemorySegment.copy(floats.getSegment(), ValueLayout.JAVA_FLOAT,
                    (firstRow + lane) * (long) width * Float.BYTES, row, 0, width);
            for (int g = 0; g < width; g++) {
                vectors[g * TiledWeight.ROWS + lane] = row[g] * factor;
            }
        }
        int size = width * TiledWeight.ROWS;
        MemorySegment.copy(vectors, 0, target.getArray().getSegment(), ValueLayout.JAVA_FLOAT,
                tile * size * Float.BYTES, size);
    }
}
