package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;

/**
 * A tensor that is to be written.
 *
 * @param dtype of its elements
 * @param shape of it
 * @param bytes of all elements in row-major order, little-endian
 */
public record TensorBytes(DType dtype, Shape shape, MemorySegment bytes) {
    /** As a scheme stores it. */
    public static TensorBytes of(WeightScheme.Stored stored, MemorySegment bytes) {
        return new TensorBytes(stored.dtype(), stored.shape(), bytes);
    }
}
