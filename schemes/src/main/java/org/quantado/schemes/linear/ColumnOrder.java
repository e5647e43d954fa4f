package org.quantado.schemes.linear;

import java.util.Arrays;
import java.util.stream.IntStream;

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
     * @param slice {@code weight_g_idx} of a shard, {@code [K]}: the group of each column, or -1 for all of them, which
     *     is their natural order
     * @param size columns of a group of the whole weight
     * @throws org.quantado.schemes.checkpoint.CheckpointException if it names a group that does not exist
     */
    static ColumnOrder of(TensorSlice slice, int groups, int size) {
        int inputs = slice.columns().length();
        int[] groupOf = new int[inputs];
        int[] sizes = new int[groups];
        boolean natural = isUnset(slice);
        for (int k = 0; k < inputs; k++) {
            groupOf[k] = natural ? (slice.columns().from() + k) / size : group(slice, k, groups);
            sizes[groupOf[k]]++;
        }
        int groupSize = Arrays.stream(sizes).max().orElseThrow();
        int[] columns = new int[groups * groupSize];
        Arrays.fill(columns, NO_COLUMN);
        int[] filled = new int[groups];
        for (int k = 0; k < inputs; k++) {
            int group = groupOf[k];
            columns[group * groupSize + filled[group]] = k;
            filled[group]++;
        }
        return new ColumnOrder(columns, groupSize);
    }

    /**
     * Checks that columns are in their natural order.
     *
     * @param slice {@code weight_g_idx} of a shard
     * @param size columns of a group of the whole weight, 0 for all
     * @throws org.quantado.schemes.checkpoint.CheckpointException if they are not
     */
    static void requireNatural(TensorSlice slice, int size) {
        int inputs = isUnset(slice) ? 0 : slice.columns().length();
        for (int k = 0; k < inputs; k++) {
            int group = size == 0 ? 0 : (slice.columns().from() + k) / size;
            if (slice.tensor().integerAt(slice.index(0, k)) != group) {
                throw slice.error(0, k, "is " + slice.tensor().integerAt(slice.index(0, k)),
                        group + ", as quantization_config says nothing of an order of columns");
            }
        }
    }

    /**
     * Whether all groups are -1.
     *
     * <p>Source: compressed-tensors, where a group index that was never set stands for the natural order.
     */
    private static boolean isUnset(TensorSlice slice) {
        return IntStream.range(0, slice.columns().length())
                .allMatch(k -> slice.tensor().integerAt(slice.index(0, k)) == -1);
    }

    private static int group(TensorSlice slice, int k, int groups) {
        long group = slice.tensor().integerAt(slice.index(0, k));
        if (group < 0 || group >= groups) {
            throw slice.error(0, k, "is " + group, "a group, 0 to " + (groups - 1));
        }
        return (int) group;
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
