package org.quantado.schemes.linear;

import org.quantado.kernels.codec.Int32Packing;

/** Zero points of a shard, unpacked: {@code [N, G]} integers that were packed along N. */
final class ZeroPoints {
    private final byte[] values;
    private final int groups;

    /**
     * @param bits of a zero point, as of a code
     * @param slice {@code [ceil(N*bits/32), G]}
     */
    ZeroPoints(int bits, TensorSlice slice) {
        this.groups = slice.columns().length();
        int words = slice.rows().length();
        int[] packed = new int[words * groups];
        for (int word = 0; word < words; word++) {
            for (int group = 0; group < groups; group++) {
                packed[word * groups + group] = slice.tensor().intAt(slice.index(word, group));
            }
        }
        int rows = words * Integer.SIZE / bits;
        this.values = new Int32Packing(bits, Int32Packing.Layout.DENSE).unpackRows(packed, rows, groups);
    }

    int get(int row, int group) {
        return values[row * groups + group];
    }
}
