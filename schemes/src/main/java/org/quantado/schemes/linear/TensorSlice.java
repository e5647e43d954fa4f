package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;

import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.Tensor;

/**
 * The part of a tensor that belongs to a shard, where it lies in the mapped file.
 *
 * @param tensor the whole, seen as {@code [rows, width]}
 * @param rows rows of the part
 * @param columns columns of the part
 * @param width columns of the whole
 */
record TensorSlice(Tensor tensor, Span rows, Span columns, int width) {
    /** Index in the tensor of an element of the part. */
    long index(int row, int column) {
        return (rows.from() + (long) row) * width + columns.from() + column;
    }

    /** Copies a row of the part, for elements of whole bytes, and zeros after it as far as there is room. */
    void copyRow(int row, MemorySegment target) {
        MemorySegment found = tensor.data(index(row, 0), columns.length());
        MemorySegment.copy(found, 0, target, 0, found.byteSize());
        target.asSlice(found.byteSize()).fill((byte) 0);
    }

    /** Says what is wrong with one element. */
    CheckpointException error(int row, int column, String found, String expected) {
        return tensor.error(
                "element [" + (rows.from() + row) + ", " + (columns.from() + column) + "] " + found,
                expected);
    }
}
