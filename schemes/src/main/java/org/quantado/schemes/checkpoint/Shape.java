package org.quantado.schemes.checkpoint;

import java.util.Arrays;

/** Dimensions of a tensor, outermost first; no dimension is a scalar, a dimension of 0 an empty tensor. */
public final class Shape {
    private final long[] dimensions;

    private Shape(long[] dimensions) {
        this.dimensions = dimensions;
    }

    /**
     * @param dimensions sizes, outermost first, none negative
     */
    public static Shape of(long... dimensions) {
        for (long dimension : dimensions) {
            if (dimension < 0) {
                throw new IllegalArgumentException("a dimension cannot be negative: " + dimension);
            }
        }
        return new Shape(dimensions.clone());
    }

    /** Number of dimensions. */
    public int rank() {
        return dimensions.length;
    }

    /** Size of one dimension, 0 for the outermost. */
    public long dimension(int index) {
        return dimensions[index];
    }

    /**
     * Product of the dimensions.
     *
     * @throws ArithmeticException if a long cannot hold it
     */
    public long elements() {
        long product = 1;
        for (long dimension : dimensions) {
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }

    /** The same shape with another outermost dimension. */
    public Shape withRows(long rows) {
        long[] changed = dimensions.clone();
        changed[0] = rows;
        return new Shape(changed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dimensions);
    }

    /** As in a file: {@code [64, 128]}. */
    @Override
    public String toString() {
        return Arrays.toString(dimensions);
    }
}
