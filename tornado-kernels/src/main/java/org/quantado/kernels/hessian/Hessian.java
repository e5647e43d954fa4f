package org.quantado.kernels.hessian;

import java.util.stream.IntStream;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * {@code H = 2 X^T X / samples} of the inputs {@code X [rows, K]} of a layer: how much an error of its weights costs. The
 * error of the outputs that errors E {@code [N, K]} of the weights make is {@code trace(E H E^T) / 2}, per sample.
 *
 * @param values {@code [stride, stride]}, symmetric; K rows and columns count
 * @param stride at least K
 * @param columns K
 * @param rows tokens that were seen; 0 where the layer saw none
 */
public record Hessian(FloatArray values, int stride, int columns, long rows) {
    /** @throws IllegalArgumentException if there are not so many values */
    public Hessian {
        if (values.getSize() != (long) stride * stride || columns > stride) {
            throw new IllegalArgumentException("a Hessian of " + values.getSize() + " values is not [" + stride + ", "
                    + stride + "] with " + columns + " rows and columns that count");
        }
    }

    /** An element. */
    public float get(int i, int j) {
        return values.get(i * stride + j);
    }

    /** Whether an input channel was always 0. */
    public boolean isDead(int column) {
        return get(column, column) == 0.0f;
    }

    /** An element of the diagonal, 1 for a channel that was always 0. */
    public float curvature(int column) {
        return isDead(column) ? 1.0f : get(column, column);
    }

    /** Mean of the diagonal, in which a channel that was always 0 counts as 1. */
    public double meanCurvature() {
        return IntStream.range(0, columns).mapToDouble(this::curvature).average().orElse(0);
    }

    /** Whether the layer saw no tokens. */
    public boolean isEmpty() {
        return rows == 0;
    }
}
