package org.quantado.kernels.graph;

import java.lang.foreign.MemorySegment;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A matrix of up to {@code capacity} rows that graphs work on: activations, whose number differs from batch to batch.
 *
 * <p>Kernels take the bounds of their parallel loops from {@code shape}: a primitive argument that bounds a parallel
 * loop would be replaced by the size of the worker grid, everywhere in the kernel.
 *
 * @param values {@code [capacity, width]}
 * @param shape two elements: how many rows there are this time, and {@code width}
 * @param capacity most rows
 * @param width number of columns
 */
public record Rows(FloatArray values, IntArray shape, int capacity, int width) {
    /** Room for {@code capacity} rows, the present number of which is 0. */
    public static Rows allocate(int capacity, int width) {
        return new Rows(new FloatArray(Math.multiplyExact(capacity, width)), IntArray.fromElements(0, width),
                capacity,
                width);
    }

    /** Other values for the same rows, of the same width. */
    public Rows with(FloatArray otherValues) {
        return new Rows(otherValues, shape, capacity, width);
    }

    /** Says how many rows there are this time. */
    public void setCount(int rows) {
        shape.set(0, rows);
    }

    /** Copies {@code rows} rows of {@code source} from row {@code fromRow} on to the first rows here. */
    public void copyFrom(FloatArray source, int fromRow, int rows) {
        MemorySegment.copy(source.getSegment(), bytes(fromRow), values.getSegment(), 0, bytes(rows));
    }

    /** Copies the first {@code rows} rows to {@code target} from row {@code toRow} on. */
    public void copyTo(FloatArray target, int toRow, int rows) {
        MemorySegment.copy(values.getSegment(), 0, target.getSegment(), bytes(toRow), bytes(rows));
    }

    private long bytes(int rows) {
        return rows * (long) width * Float.BYTES;
    }
}
