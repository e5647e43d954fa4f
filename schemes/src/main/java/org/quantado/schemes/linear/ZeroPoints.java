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
        int[] row = new int[groups];
        for (int word = 0; word < words; word++) {
            slice.tensor().read(slice.index(word, 0), row);
            System.arraycopy(row, 0, packed, word * groups, groups);
        }
        int rows = words * Integer.SIZE / bits;
        this.values = new Int32Packing(bits, Int32Packing.Layout.DENSE).unpackRows(packed, rows, groups);
    }

    int get(int row, int group) {
        return values[row * groups + group];
    }
}
