package org.quantado.kernels.hessian;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * {@code X^T X} of some of a layer's inputs {@code X [rows, K]}, on the host: the elements on the diagonal and right of it,
 * row after row. Sums of other inputs can be added. Not thread-safe.
 *
 * @param columns K
 * @param rows tokens that were seen
 * @param values {@code [K (K + 1) / 2]}, floats
 */
public record SquareSums(int columns, long rows, MemorySegment values) {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    /** Elements that a core adds at a time. */
    private static final int PART = 1 << 16;

    /** @throws IllegalArgumentException if there are not so many values */
    public SquareSums {
        if (values.byteSize() != size(columns) * Float.BYTES) {
            throw new IllegalArgumentException("sums of " + values.byteSize() + " bytes are not those of " + columns
                    + " inputs, " + size(columns) + " floats");
        }
    }

    /** Elements of the sums of K inputs. */
    public static long size(int columns) {
        return columns * (columns + 1L) / 2;
    }

    /** Of no inputs. */
    static SquareSums allocate(int columns, long rows, Arena arena) {
        return new SquareSums(columns, rows, arena.allocate(size(columns) * Float.BYTES, Float.BYTES));
    }

    /** Where a row begins, at its element on the diagonal. */
    static long start(int row, int columns) {
        return (long) row * columns - row * (row - 1L) / 2;
    }

    /** Adds the sums of other inputs to these, in their memory: element by element, rounded to binary32. */
    public SquareSums add(SquareSums other) {
        if (other.columns != columns) {
            throw new IllegalArgumentException("sums of " + other.columns + " inputs are not of " + columns);
        }
        long size = size(columns);
        IntStream.range(0, Math.toIntExact(Math.ceilDiv(size, PART))).parallel().forEach(part -> {
            for (long i = (long) part * PART; i < Math.min(size, (part + 1L) * PART); i++) {
                values.setAtIndex(FLOAT, i, values.getAtIndex(FLOAT, i) + other.values.getAtIndex(FLOAT, i));
            }
        });
        return new SquareSums(columns, rows + other.rows, values);
    }

    /** The same sums in memory of their own, to which others can be added. */
    public SquareSums copy(Arena arena) {
        SquareSums copy = allocate(columns, rows, arena);
        copy.values.copyFrom(values);
        return copy;
    }

    /**
     * The Hessian that these sums make.
     *
     * @param samples sequences that the rows are of, by which the sum is divided as llm-compressor does
     */
    public Hessian hessian(int samples) {
        FloatArray square = new FloatArray(Math.multiplyExact(columns, columns));
        float factor = 2.0f / samples;
        IntStream.range(0, columns).parallel().forEach(i -> {
            long start = start(i, columns);
            for (int j = i; j < columns; j++) {
                float value = values.getAtIndex(FLOAT, start + j - i) * factor;
                square.set(i * columns + j, value);
                square.set(j * columns + i, value);
            }
        });
        return new Hessian(square, columns, columns, rows);
    }
}
