package org.quantado.kernels.matmul.gpu;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * K shared by work-groups, where y has too few elements to fill a device.
 *
 * @param inputs K
 * @param columns of a split, of which the last may have fewer
 */
record ColumnSplit(int inputs, int columns) {
    /** Whole words of every width, and whole steps of tiles. */
    private static final int UNIT = 32;

    /**
     * As many splits as leave no more work-groups than are wanted.
     *
     * @param groups work-groups without a split
     * @param leastColumns that a split is worth
     */
    static ColumnSplit of(int inputs, int groups, int wantedGroups, int leastColumns) {
        int count = Math.clamp(wantedGroups / groups, 1, Math.max(1, inputs / leastColumns));
        return new ColumnSplit(inputs, Math.ceilDiv(Math.ceilDiv(inputs, count), UNIT) * UNIT);
    }

    int count() {
        return Math.ceilDiv(inputs, columns);
    }

    /** K, columns of a split, and rows that y has room for: for the device. */
    IntArray sizes(int capacity) {
        return IntArray.fromElements(inputs, columns, capacity);
    }

    /**
     * {@code y[m,n] = sum_s sums[s,m,n]}, in the order of splits.
     *
     * @param sums {@code [splits, capacity, N]}
     * @param shape M and N
     */
    static void addUp(FloatArray sums, FloatArray y, IntArray shape, int splits, int capacity) {
        for (@Parallel int n = 0; n < shape.get(1); n++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                float sum = 0.0f;
                for (int s = 0; s < splits; s++) {
                    sum += sums.get((s * capacity + m) * shape.get(1) + n);
                }
                y.set(m * shape.get(1) + n, sum);
            }
        }
    }
}
