package org.quantado.kernels.matmul;

import java.util.Optional;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What a linear layer multiplies with and adds.
 *
 * @param matrix the weight {@code [N, K']}, where it is
 * @param bias {@code [N]}
 * @param inputs K of the layer's input
 * @param columnOrder {@code [K']}, the column of the input that each column of the matrix belongs to, -1 for none; empty
 *     where they are the same
 */
public record LinearWeight(MatrixRows matrix, FloatArray bias, int inputs,
        Optional<IntArray> columnOrder) {
    public LinearWeight {
        if (columnOrder.isEmpty() && inputs != matrix.inputs()) {
            throw new IllegalArgumentException(
                    "a weight of K = " + matrix.inputs() + " for inputs of K = " + inputs);
        }
    }

    /** A weight whose columns come in the order of the input. */
    public LinearWeight(MatrixRows matrix, FloatArray bias) {
        this(matrix, bias, matrix.inputs(), Optional.empty());
    }

    /** The same, in memory. */
    public LinearWeight loaded() {
        return new LinearWeight(matrix.load(), bias, inputs, columnOrder);
    }

    /** Row n of a weight in memory, dequantized: {@code [K]}, in the order of the input. */
    public double[] row(int n) {
        QuantizedMatrix loaded = matrix.load();
        double[] row = new double[inputs];
        for (int k = 0; k < matrix.inputs(); k++) {
            int column = columnOrder.isPresent() ? columnOrder.get().get(k) : k;
            if (column >= 0) {
                row[column] = loaded.value(n, k);
            }
        }
        return row;
    }
}
