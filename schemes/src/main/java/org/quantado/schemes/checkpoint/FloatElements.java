package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;
import org.quantado.kernels.codec.BFloat16;

/** Elements of a tensor as floats: exact for F32, BF16 and F16, rounded for F64; other types are refused. */
final class FloatElements {
    private FloatElements() {
    }

    static float at(Tensor tensor, long index) {
        return switch (tensor.dtype()) {
            case F32 -> tensor.data(index, 1).get(LittleEndian.FLOAT, 0);
            case BF16 -> bfloat16(tensor.data(index, 1), 0);
            case F16 -> Float.float16ToFloat(tensor.data(index, 1).get(LittleEndian.SHORT, 0));
            case F64 -> (float) tensor.data(index, 1).get(LittleEndian.DOUBLE, 0);
            default -> throw tensor.error("dtype " + tensor.dtype(), "dtype F32, BF16, F16 or F64");
        };
    }

    /** Reads as many neighbours as there is room for. */
    static void read(Tensor tensor, long index, float[] values) {
        DType dtype = tensor.dtype();
        MemorySegment read = tensor.data(index, values.length);
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

    /** The bytes of values in a tensor's type, rounded to nearest. */
    static MemorySegment bytes(Tensor tensor, float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(tensor.dtype().byteSize(values.length))]);
        for (int i = 0; i < values.length; i++) {
            switch (tensor.dtype()) {
                case F32 -> bytes.setAtIndex(LittleEndian.FLOAT, i, values[i]);
                case BF16 -> bytes.setAtIndex(LittleEndian.SHORT, i, BFloat16.fromFloat(values[i]));
                case F16 -> bytes.setAtIndex(LittleEndian.SHORT, i, Float.floatToFloat16(values[i]));
                default -> throw tensor.error("dtype " + tensor.dtype(), "dtype F32, BF16 or F16");
            }
        }
        return bytes;
    }

    private static float bfloat16(MemorySegment data, long index) {
        return Float.intBitsToFloat(data.getAtIndex(LittleEndian.SHORT, index) << Short.SIZE);
    }
}
