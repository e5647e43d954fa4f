package org.quantado.schemes.quantize;

import org.quantado.schemes.checkpoint.Tensor;

/**
 * A weight {@code [N, K]}, read row by row where it lies.
 *
 * @param tensor the weight
 */
record WeightRows(Tensor tensor) {
    int count() {
        return Math.toIntExact(tensor.shape().dimension(0));
    }

    float[] read(int row) {
        return tensor.rows(row, row + 1).toFloats();
    }

    /** Refuses a weight with a row that has this value, unless it is finite. */
    void requireFinite(int row, float value) {
        if (!Float.isFinite(value)) {
            throw tensor.error("values that are not finite in row " + row, "finite weights");
        }
    }
}
