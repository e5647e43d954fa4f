package org.quantado.kernels.graph;

import java.util.Map;
import java.util.TreeMap;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrices of several widths with a row for each member of one batch: those of one width share their shape, so that a
 * batch's number of rows is said once for each width.
 */
public final class RowBatch {
    private final int capacity;
    private final Map<Integer, IntArray> shapes = new TreeMap<>();

    /** @param capacity most rows */
    public RowBatch(int capacity) {
        this.capacity = capacity;
    }

    /** Most rows. */
    public int capacity() {
        return capacity;
    }

    /** Room for a matrix of this width. */
    public Rows rows(int width) {
        return new Rows(new FloatArray(Math.multiplyExact(capacity, width)),
                shapes.computeIfAbsent(width, _ -> IntArray.fromElements(0, width)), capacity, width);
    }

    /** Says how many rows there are this time. */
    public void setCount(int rows) {
        shapes.values().forEach(shape -> shape.set(0, rows));
    }

    /** The shapes of all matrices so far: what graphs bring to the device. */
    public Object[] shapes() {
        return shapes.values().toArray();
    }
}
