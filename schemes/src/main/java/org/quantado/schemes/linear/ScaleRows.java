package org.quantado.schemes.linear;

/** Reads the scales of one partition's rows from the mapped file, once where several rows share them. Not thread-safe. */
final class ScaleRows {
    private final ScaleLayout layout;
    private final TensorSlice slice;
    private final float factor;
    private final float[] values;
    private int rowRead = -1;

    /**
     * @param groups of a row
     * @param factor what scales are multiplied by
     */
    ScaleRows(ScaleLayout layout, TensorSlice slice, int groups, float factor) {
        this.layout = layout;
        this.slice = slice;
        this.factor = factor;
        this.values = new float[groups];
    }

    /**
     * Reads the scales of a row of the weight.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if one is not finite
     */
    void read(int row, float[] scales) {
        if (layout.rowOf(row) != rowRead) {
            rowRead = layout.rowOf(row);
            layout.read(slice, rowRead, values);
            for (int group = 0; group < values.length; group++) {
                values[group] *= factor;
            }
        }
        System.arraycopy(values, 0, scales, 0, values.length);
    }
}
