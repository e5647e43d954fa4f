package org.quantado.schemes.quantize;

import org.quantado.schemes.config.BlockStructure;
import org.quantado.schemes.config.QuantizationArgs;

/**
 * Which weights of a matrix {@code [N, K]} share a scale: tiles of this size, the last of a dimension perhaps
 * smaller.
 *
 * @param rows of a tile, at most N
 * @param columns of a tile, at most K
 * @param matrixRows N
 * @param matrixColumns K
 */
public record Blocking(int rows, int columns, int matrixRows, int matrixColumns) {
    /** Tiles as a config says them. */
    public static Blocking of(QuantizationArgs weights, int matrixRows, int matrixColumns) {
        return switch (weights.strategy()) {
            case TENSOR -> new Blocking(matrixRows, matrixColumns, matrixRows, matrixColumns);
            case CHANNEL -> new Blocking(1, matrixColumns, matrixRows, matrixColumns);
            case GROUP, TENSOR_GROUP ->
                new Blocking(1, weights.groupSize().getAsInt(), matrixRows, matrixColumns);
            case BLOCK -> {
                BlockStructure block = weights.blockStructure().orElseThrow();
                yield new Blocking(block.rows(), block.columns(), matrixRows, matrixColumns);
            }
            case TOKEN, ATTN_HEAD -> throw new IllegalArgumentException(
                    "weights have no " + weights.strategy().jsonName());
        };
    }

    /** Tiles below one another. */
    public int bands() {
        return Math.ceilDiv(matrixRows, rows);
    }

    /** Tiles beside one another. */
    public int bandTiles() {
        return Math.ceilDiv(matrixColumns, columns);
    }

    /** The first row of a band. */
    public int firstRow(int band) {
        return band * rows;
    }

    /** The row after the last one of a band. */
    public int endRow(int band) {
        return (int) Math.min(matrixRows, (band + 1L) * rows);
    }

    /** The first column of a tile. */
    public int firstColumn(int tile) {
        return tile * columns;
    }

    /** The column after the last one of a tile. */
    public int endColumn(int tile) {
        return (int) Math.min(matrixColumns, (tile + 1L) * columns);
    }
}
