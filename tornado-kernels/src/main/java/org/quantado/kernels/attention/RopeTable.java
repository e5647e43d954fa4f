package org.quantado.kernels.attention;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Cosines and sines of the angles that positions turn heads by, times the attention factor. Where the frequencies depend on
 * the length of the sequence, the rows of long sequences follow those of others.
 *
 * @param dim elements of a head that are rotated
 * @param positions how many there are
 * @param otherFrom length from which on the other rows hold
 * @param cos {@code [rows, dim / 2]}
 * @param sin {@code [rows, dim / 2]}
 */
public record RopeTable(int dim, int positions, int otherFrom, FloatArray cos, FloatArray sin) {
    /**
     * The table of a base and a scaling. Angles are formed in double.
     *
     * @param dim elements of a head that are rotated, an even number
     * @param positions how many there are to be
     */
    public static RopeTable of(int dim, double base, RopeScaling scaling, int positions) {
        if (dim < 2 || dim % 2 != 0) {
            throw new IllegalArgumentException("rope of " + dim + " elements: expected an even number");
        }
        boolean both = positions >= scaling.otherFrom();
        int rows = both ? Math.multiplyExact(2, positions) : positions;
        int size = Math.multiplyExact(rows, dim / 2);
        RopeTable table = new RopeTable(dim, positions, scaling.otherFrom(), new FloatArray(size),
                new FloatArray(size));
        table.fill(0, scaling.frequencies(dim, base, 1), scaling.attentionFactor());
        if (both) {
            table.fill(positions, scaling.frequencies(dim, base, positions), scaling.attentionFactor());
        }
        return table;
    }

    private void fill(int firstRow, float[] frequencies, double factor) {
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < frequencies.length; i++) {
                double angle = position * (double) frequencies[i];
                int at = (firstRow + position) * frequencies.length + i;
                cos.set(at, (float) (Math.cos(angle) * factor));
                sin.set(at, (float) (Math.sin(angle) * factor));
            }
        }
    }

    /**
     * The row of a position.
     *
     * @param length of the sequence that it is in
     */
    public int row(int position, int length) {
        if (position < 0 || position >= positions) {
            throw new IllegalArgumentException("position " + position + " of a table of " + positions);
        }
        return length < otherFrom ? position : positions + position;
    }
}
