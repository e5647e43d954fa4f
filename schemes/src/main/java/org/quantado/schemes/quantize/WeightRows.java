package org.quantado.schemes.quantize;

import org.quantado.schemes.checkpoint.Tensor;

/** A weight {@code [N, K]}, read row by row. */
public interface WeightRows {
    /** N. */
    int count();

    /** A row in an array of its own. */
    float[] read(int row);

    /** What to throw for a weight that cannot be quantized: it names the weight. */
    RuntimeException error(String found, String expected);

    /** A weight where it lies in a file. */
    static WeightRows of(Tensor tensor) {
        return new OfTensor(tensor);
    }

    /** Refuses a weight with a row that has this value, unless it is finite. */
    default void requireFinite(int row, float value) {
        if (!Float.isFinite(value)) {
            throw error("values that are not finite in row " + row, "finite weights");
        }
    }

    /**
     * In a file.
     *
     * @param tensor the weight
     */
    record OfTensor(Tensor tensor) implements WeightRows {
        @Override
        public int count() {
            return Math.toIntExact(tensor.shape().dimension(0));
        }

        @Override
        public float[] read(int row) {
            return tensor.rows(row, row + 1).toFloats();
        }

        @Override
        public RuntimeException error(String found, String expected) {
            return tensor.error(found, expected);
        }
    }
}
