package org.quantado.schemes.linear;

import java.util.Arrays;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The order in which the columns of an act-ordered weight come when those of a group are brought together.
 *
 * <p>A shard may have more columns of one group than of another; groups are filled up to the largest, so that they are
 * all of one size.
 */
final class ColumnOrder {
    /** Stands where a group has no more columns. */
    private static final int NO_COLUMN = -1;

    private final int[] columns;
    private final int groupSize;

    private ColumnOrder(int[] columns, int groupSize) {
        this.columns = columns;
        this.groupSize = groupSize;
    }

    /**
     * @param slice {@code weight_g_idx} of a shard, {@code [K]}: the group of each column
     * @throws org.quantado.schemes.checkpoint.CheckpointException if it names a group that does not exist
     */
    static ColumnOrder of(TensorSlice slice, int groups) {
        int inputs = slice.columns().length();
        int[] sizes = new int[groups];
        for (int k = 0; k < inputs; k++) {
            sizes[group(slice, k, groups)]++;
        }
        int groupSize = Arrays.stream(sizes).max().orElseThrow();
        int[] columns = new int[groups * groupSize];
        Arrays.fill(columns, NO_COLUMN);
        int[] filled = new int[groups];
        for (int k = 0; k < inputs; k++) {
            int group = group(slice, k, groups);
            columns[group * groupSize + filled[group]] = k;
            filled[group]++;
        }
        return new ColumnOrder(columns, groupSize);
    }

    private static int group(TensorSlice slice, int k, int groups) {
        int group = slice.tensor().intAt(slice.index(0, k));
        if (group < 0 || group >= groups) {
            throw slice.error(0, k, "is " + group, "a group, 0 to " + (groups - 1));
        }
        return group;
    }

    /** Number of columns, filled groups included. */
    int size() {
        return columns.length;
    }

    int groupSize() {
        return groupSize;
    }

    /** Brings the codes of a row into this order; 0 where there is no column. */
    void apply(byte[] row, byte[] ordered) {
        for (int i = 0; i < columns.length; i++) {
            ordered[i] = columns[i] == NO_COLUMN ? 0 : row[columns[i]];
        }
    }

    /** The column of x that comes at each place, {@code -1} for none. */
    IntArray toArray() {
        return IntArray.fromArray(columns);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ColumnOrder order && Arrays.equals(columns, order.columns);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(columns);
    }
}
