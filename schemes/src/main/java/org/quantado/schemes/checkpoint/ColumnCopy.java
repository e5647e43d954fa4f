package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;

/**
 * A copy of some columns of a matrix, as rows.
 *
 * @param rows of the matrix
 * @param columns of the matrix
 * @param first column that is taken
 * @param step from one that is taken to the next
 * @param taken how many
 */
record ColumnCopy(long rows, long columns, long first, long step, long taken) {
    /** Two cache lines of 16-bit elements: what is read of a row at once. */
    private static final long COLUMNS_AT_ONCE = 64;

    /**
     * Copies with all processors.
     *
     * @param data {@code [rows, columns]}
     * @param bytes of an element
     * @param memory where the copy is to be held
     * @return {@code [taken, rows]}, read-only
     */
    MemorySegment of(MemorySegment data, long bytes, SegmentAllocator memory) {
        MemorySegment copy = memory.allocate(rows * taken * bytes, bytes);
        ElementCopy element = ElementCopy.of(bytes);
        LongStream.range(0, Math.ceilDiv(taken, COLUMNS_AT_ONCE)).parallel().forEach(band -> {
            long end = Math.min(taken, (band + 1) * COLUMNS_AT_ONCE);
            for (long row = 0; row < rows; row++) {
                for (long column = band * COLUMNS_AT_ONCE; column < end; column++) {
                    element.copy(data, (row * columns + first + column * step) * bytes, copy,
                            (column * rows + row) * bytes);
                }
            }
        });
        return copy.asReadOnly();
    }

    /** Copies one element from one offset to another. */
    @FunctionalInterface
    private interface ElementCopy {
        void copy(MemorySegment from, long fromOffset, MemorySegment to, long toOffset);

        /** Of elements of so many bytes. */
        static ElementCopy of(long bytes) {
            return switch ((int) bytes) {
                case Byte.BYTES -> (from, fromOffset, to, toOffset) -> to.set(ValueLayout.JAVA_BYTE, toOffset,
                        from.get(ValueLayout.JAVA_BYTE, fromOffset));
                case Short.BYTES -> (from, fromOffset, to, toOffset) -> to.set(LittleEndian.SHORT, toOffset,
                        from.get(LittleEndian.SHORT, fromOffset));
                case Integer.BYTES -> (from, fromOffset, to, toOffset) -> to.set(LittleEndian.INT, toOffset,
                        from.get(LittleEndian.INT, fromOffset));
                default -> (from, fromOffset, to, toOffset) -> to.set(LittleEndian.LONG, toOffset,
                        from.get(LittleEndian.LONG, fromOffset));
            };
        }
    }
}
