package org.quantado.kernels.graph;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Columns of rows as heads of one size: those of queries, keys and values in the product that made them, or parts of them.
 * Element i of head h of row m is at {@code m * rows.width + first + h * stride + i}.
 *
 * @param rows where they lie
 * @param first column of the first head
 * @param count how many heads
 * @param size elements of a head, D
 * @param stride columns from one head to the next
 */
public record Heads(Rows rows, int first, int count, int size, int stride) {
    public Heads {
        boolean inside = first >= 0 && count > 0 && size > 0 && stride >= size
                && first + (count - 1L) * stride + size <= rows.width();
        if (!inside) {
            throw new IllegalArgumentException(
                    count + " heads of " + size + " every " + stride + " from column " + first
                            + " on do not lie in rows of " + rows.width());
        }
    }

    /** One head, which is the whole row. */
    public static Heads whole(Rows rows) {
        return of(rows, 1);
    }

    /** Rows that are {@code count} heads, one after another. */
    public static Heads of(Rows rows, int count) {
        if (rows.width() % count != 0) {
            throw new IllegalArgumentException("rows of " + rows.width() + " are not " + count + " heads");
        }
        return at(rows, 0, count, rows.width() / count);
    }

    /** Heads one after another from a column on. */
    public static Heads at(Rows rows, int first, int count, int size) {
        return new Heads(rows, first, count, size, size);
    }

    /** Elements {@code from} to {@code from + length} of each head. */
    public Heads part(int from, int length) {
        if (from < 0 || from + length > size) {
            throw new IllegalArgumentException(
                    "heads of " + size + " have no " + length + " elements from " + from + " on");
        }
        return new Heads(rows, first + from, count, length, stride);
    }

    /** What kernels need to know: first, count, size, stride, and the width of a row. */
    public IntArray layout() {
        return IntArray.fromElements(first, count, size, stride, rows.width());
    }
}
