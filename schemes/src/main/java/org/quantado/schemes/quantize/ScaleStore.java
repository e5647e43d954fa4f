package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;

/** How a checkpoint holds scales. Every scale that a {@link Grid} gives is stored exactly. */
enum ScaleStore {
    /** Two bytes. */
    BF16(DType.BF16) {
        @Override
        void write(float scale, MemorySegment scales, long index) {
            scales.setAtIndex(LittleEndian.SHORT, index, BFloat16.fromFloat(scale));
        }
    },
    /** Two bytes. */
    F16(DType.F16) {
        @Override
        void write(float scale, MemorySegment scales, long index) {
            scales.setAtIndex(LittleEndian.SHORT, index, Float.floatToFloat16(scale));
        }
    },
    /** Four bytes. */
    F32(DType.F32) {
        @Override
        void write(float scale, MemorySegment scales, long index) {
            scales.setAtIndex(LittleEndian.FLOAT, index, scale);
        }
    },
    /** Powers of two in a byte, which compressed-tensors declares as an unsigned integer. */
    E8M0_BYTE(DType.U8) {
        @Override
        void write(float scale, MemorySegment scales, long index) {
            scales.set(ValueLayout.JAVA_BYTE, index, (byte) (Math.getExponent(scale) + E8M0.BIAS));
        }
    },
    /** E4M3 codes. */
    E4M3_BYTE(DType.F8_E4M3) {
        @Override
        void write(float scale, MemorySegment scales, long index) {
            scales.set(ValueLayout.JAVA_BYTE, index, (byte) E4M3.encode(scale, E4M3.Overflow.SATURATE));
        }
    };

    private final DType dtype;

    ScaleStore(DType dtype) {
        this.dtype = dtype;
    }

    /** Scales of a weight's own type. */
    static ScaleStore of(ModelDtype dtype) {
        return switch (dtype) {
            case BF16 -> BF16;
            case F16 -> F16;
            case F32 -> F32;
        };
    }

    DType dtype() {
        return dtype;
    }

    abstract void write(float scale, MemorySegment scales, long index);
}
