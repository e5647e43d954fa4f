package org.quantado.kernels.codec;

/**
 * The order {@code F8_128x4} of one-byte block scales that NVIDIA's block-scaled matrix units read.
 *
 * <p>
 * The matrix of scales is padded with zeros to whole tiles of 128 rows and 4 columns. Tiles follow one another row by
 * row; within one, the 16 bytes of rows {@code r, r + 32, r + 64, r + 96} follow one another for each {@code r < 32}. As
 * array operations: {@code view(rowTiles, 4, 32, columnTiles, 4)}, then axes 1 and 3 swapped.
 */
public final class SwizzledScales {
    private static final int TILE_ROWS = 128;
    private static final int TILE_COLUMNS = 4;
    private static final int TILE_SIZE = TILE_ROWS * TILE_COLUMNS;
    /** Rows of a tile that lie this far apart are neighbours in memory. */
    private static final int ROW_DISTANCE = 32;
    private static final int NEIGHBOURING_ROWS = TILE_ROWS / ROW_DISTANCE;

    private SwizzledScales() {
    }

    /**
     * @param scales {@code [rows, columns]}
     * @return flat, {@code rows} rounded up to 128 times {@code columns} rounded up to 4 bytes
     */
    public static byte[] swizzle(byte[] scales, int rows, int columns) {
        byte[] swizzled = new byte[Math.ceilDiv(rows, TILE_ROWS) * Math.ceilDiv(columns, TILE_COLUMNS)
                * TILE_SIZE];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                swizzled[index(row, column, columns)] = scales[row * columns + column];
            }
        }
        return swizzled;
    }

    /**
     * The inverse of {@link #swizzle}.
     *
     * @return {@code [rows, columns]}
     */
    public static byte[] unswizzle(byte[] swizzled, int rows, int columns) {
        byte[] scales = new byte[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                scales[row * columns + column] = swizzled[index(row, column, columns)];
            }
        }
        return scales;
    }

    private static int index(int row, int column, int columns) {
        int columnTiles = Math.ceilDiv(columns, TILE_COLUMNS);
        int tile = row / TILE_ROWS * columnTiles + column / TILE_COLUMNS;
        int rowOfTile = row % TILE_ROWS;
        int neighbours = rowOfTile % ROW_DISTANCE * NEIGHBOURING_ROWS + rowOfTile / ROW_DISTANCE;
        return tile * TILE_SIZE + neighbours * TILE_COLUMNS + column % TILE_COLUMNS;
    }
}
