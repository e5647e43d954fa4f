package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The bytes of a tensor where they lie: all together, or rows with others between them. Offsets count the tensor's own
 * bytes alone.
 *
 * @param memory from the first byte of the first row to the last byte of the last
 * @param row bytes of a row
 * @param step bytes from the begin of a row to that of the next
 */
record RowBytes(MemorySegment memory, long row, long step) {
    /** Bytes that lie together. */
    static RowBytes together(MemorySegment memory) {
        return new RowBytes(memory, memory.byteSize(), memory.byteSize());
    }

    private boolean isTogether() {
        return row == step;
    }

    /** All of them, copied only if others lie between them; read-only. */
    MemorySegment all() {
        return isTogether() ? memory : slice(0, Math.ceilDiv(memory.byteSize(), step) * row);
    }

    /** So many of them, copied only if others lie between them; read-only. */
    MemorySegment slice(long offset, long size) {
        if (isTogether()) {
            return memory.asSlice(offset, size);
        }
        return offset % row + size <= row ? memory.asSlice(where(offset), size) : copy(offset, size);
    }

    private MemorySegment copy(long offset, long size) {
        MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
        long copied = 0;
        while (copied < size) {
            long inRow = Math.min(size - copied, row - (offset + copied) % row);
            MemorySegment.copy(memory, where(offset + copied), copy, copied, inRow);
            copied += inRow;
        }
        return copy.asReadOnly();
    }

    byte get(ValueLayout.OfByte layout, long offset) {
        return memory.get(layout, where(offset));
    }

    int get(ValueLayout.OfInt layout, long offset) {
        return memory.get(layout, where(offset));
    }

    long get(ValueLayout.OfLong layout, long offset) {
        return memory.get(layout, where(offset));
    }

    /** Where in memory an offset lies. */
    private long where(long offset) {
        return isTogether() ? offset : offset / row * step + offset % row;
    }

    /**
     * Rows {@code first}, {@code first + every}, ... of these.
     *
     * @param rowBytes bytes of a row
     * @param taken how many
     */
    RowBytes rows(long first, long every, long taken, long rowBytes) {
        long oldStep = isTogether() ? rowBytes : step;
        long newStep = every * oldStep;
        MemorySegment rows = memory.asSlice(first * oldStep, taken == 0 ? 0 : (taken - 1) * newStep + rowBytes);
        return newStep == rowBytes || taken <= 1 ? together(rows) : new RowBytes(rows, rowBytes, newStep);
    }
}
