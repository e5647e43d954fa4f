package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;

/** Elements of a tensor as floats: exact for F32, BF16 and F16, rounded for F64; other types are refused. */
final class FloatElements {
    private FloatElements() {
    }

    static float at(Tensor tensor, long index) {
        MemorySegment data = tensor.data();
        return switch (tensor.dtype()) {
            case F32 -> data.getAtIndex(LittleEndian.FLOAT, index);
            case BF16 -> bfloat16(data, index);
            case F16 -> Float.float16ToFloat(data.getAtIndex(LittleEndian.SHORT, index));
            case F64 -> (float) data.getAtIndex(LittleEndian.DOUBLE, index);
            default -> throw tensor.error("dtype " + tensor.dtype(), "dtype F32, BF16, F16 or F64");
        };
    }

    /** Reads as many neighbours as there is room for. */
    static void read(Tensor tensor, long index, float[] values) {
        DType dtype = tensor.dtype();
        MemorySegment read = tensor.data().asSlice(dtype.byteSize(index), dtype.byteSize(values.length));
        switch (dtype) {
            case F32 -> MemorySegment.copy(read, LittleEndian.FLOAT, 0, values, 0, values.length);
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = bfloat16(read, i);
                }
            }
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(read.getAtIndex(LittleEndian.SHORT, i));
                }
            }
            default -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = at(tensor, index + i);
                }
            }
        }
    }

    private static float bfloat16(MemorySegment data, long index) {
        return Float.intBitsToFloat(data.getAtIndex(LittleEndian.SHORT, index) << Short.SIZE);
    }
}
