package org.quantado.schemes.dialect;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.quantado.kernels.codec.E8M0;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;

/** Tensors that a dialect holds in another form, computed when they are read. */
final class Computed {
    private Computed() {
    }

    /** Powers of two in a byte, E8M0, as floats of the same shape. */
    static Tensor powersOfTwo(Tensor bytes) {
        return bytes.derived(DType.F32, bytes.shape(), () -> {
            byte[] codes = bytes.toBytes();
            float[] values = new float[codes.length];
            for (int i = 0; i < codes.length; i++) {
                values[i] = E8M0.decode(Byte.toUnsignedInt(codes[i]));
            }
            return littleEndian(values);
        });
    }

    /** The size of a weight, {@code [N, K]}, as a tensor. */
    static Tensor size(Tensor weight, long outputs, long inputs) {
        return weight.derived(DType.I64, Shape.of(2),
                () -> segment(2 * Long.BYTES, buffer -> buffer.putLong(outputs).putLong(inputs)));
    }

    /** Columns of a matrix, in this order, each as often as it is named. */
    static Tensor columns(Tensor matrix, int... columns) {
        long rows = matrix.shape().dimension(0);
        long width = matrix.shape().dimension(1);
        int bytes = matrix.dtype().bits() / Byte.SIZE;
        return matrix.derived(matrix.dtype(), Shape.of(rows, columns.length), () -> {
            MemorySegment from = matrix.data();
            MemorySegment to = MemorySegment.ofArray(new byte[Math.toIntExact(rows * columns.length * bytes)]);
            for (long row = 0; row < rows; row++) {
                for (int column = 0; column < columns.length; column++) {
                    MemorySegment.copy(from, (row * width + columns[column]) * bytes, to,
                            (row * columns.length + column) * bytes, bytes);
                }
            }
            return to;
        });
    }

    static MemorySegment littleEndian(float[] values) {
        return segment(values.length * Float.BYTES, buffer -> buffer.asFloatBuffer().put(values));
    }

    static MemorySegment littleEndian(int[] values) {
        return segment(values.length * Integer.BYTES, buffer -> buffer.asIntBuffer().put(values));
    }

    private interface Filling {
        void of(ByteBuffer buffer);
    }

    private static MemorySegment segment(int bytes, Filling filling) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        filling.of(buffer);
        return MemorySegment.ofArray(buffer.array());
    }
}
