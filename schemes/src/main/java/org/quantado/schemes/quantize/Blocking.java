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
record Blocking(int rows, int columns, int matrixRows, int matrixColumns) {
    static Blocking of(QuantizationArgs weights, int matrixRows, int matrixColumns) {
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
    int bands() {
        return Math.ceilDiv(matrixRows, rows);
    }

    /** Tiles beside one another. */
    int bandTiles() {
        return Math.ceilDiv(matrixColumns, columns);
    }

    /** The first row of a band. */
    int firstRow(int band) {
        return band * rows;
    }

    /** The row after the last one of a band. */
    int endRow(int band) {
        return (int) Math.min(matrixRows, (band + 1L) * rows);
    }

    /** The first column of a tile. */
    int firstColumn(int tile) {
        return tile * columns;
    }

    /** The column after the last one of a tile. */
    int endColumn(int tile) {
        return (int) Math.min(matrixColumns, (tile + 1L) * columns);
    }
}
