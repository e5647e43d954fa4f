package org.quantado.schemes.quantize;

import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * In which block a weight lies: as columns follow each other, or as an order of them says.
 *
 * @param blocking tiles of columns that follow each other
 * @param groups the tile of each column {@code [K]}, where they do not
 */
public record BlockOfColumn(Blocking blocking, Optional<int[]> groups) {
    /** Columns that follow each other. */
    public static BlockOfColumn inOrder(Blocking blocking) {
        return new BlockOfColumn(blocking, Optional.empty());
    }

    /** Columns of groups that are scattered. */
    public BlockOfColumn withGroups(IntUnaryOperator groupOfColumn) {
        return new BlockOfColumn(blocking, Optional.of(IntStream.range(0, blocking.matrixColumns()).map(groupOfColumn)
                .toArray()));
    }

    /** The block of a weight, counted band after band. */
    public int block(int row, int column) {
        return row / blocking.rows() * blocking.bandTiles() + tile(column);
    }

    /** The tile of a band in which a column lies. */
    public int tile(int column) {
        return groups.isPresent() ? groups.get()[column] : column / blocking.columns();
    }
}
