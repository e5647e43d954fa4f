package org.quantado.schemes.quantize;

import java.util.Arrays;
import org.quantado.kernels.codec.ModelDtype;

/**
 * A weight in memory, as methods that work on inputs need it.
 *
 * @param name full name of its layer, for messages
 * @param values {@code [N, K]}, each of the type below
 * @param rows N, outputs of the layer
 * @param columns K, inputs of the layer
 * @param dtype type of the weight in the model
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record FloatWeight(String name, float[] values, int rows, int columns, ModelDtype dtype) implements WeightRows {
    /** @throws IllegalArgumentException if there are not {@code N * K} values */
    public FloatWeight {
        if (values.length != (long) rows * columns) {
            throw new IllegalArgumentException(
                    name + ": " + values.length + " weights are not [" + rows + ", " + columns
                            + "]");
        }
    }

    /** All rows of a weight. */
    public static FloatWeight of(String name, WeightRows weight, int columns, ModelDtype dtype) {
        float[] values = new float[Math.multiplyExact(weight.count(), columns)];
        for (int row = 0; row < weight.count(); row++) {
            System.arraycopy(weight.read(row), 0, values, row * columns, columns);
        }
        return new FloatWeight(name, values, weight.count(), columns, dtype);
    }

    /** The same weight with other values. */
    public FloatWeight with(float[] others) {
        return new FloatWeight(name, others, rows, columns, dtype);
    }

    /** An element. */
    public float get(int row, int column) {
        return values[row * columns + column];
    }

    @Override
    public int count() {
        return rows;
    }

    @Override
    public float[] read(int row) {
        return Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
    }

    @Override
    public RuntimeException error(String found, String expected) {
        return new QuantizeException(name + ": found " + found + ", expected " + expected);
    }
}
