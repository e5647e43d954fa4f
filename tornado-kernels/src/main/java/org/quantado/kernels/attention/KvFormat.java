package org.quantado.kernels.attention;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.Float16;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What keys and values are kept as. */
public enum KvFormat {
    /** Floats. */
    F32(1) {
        @Override
        FloatArray table() {
            return new FloatArray(1);
        }
    },
    /** IEEE 754 binary16, rounded to nearest even. */
    F16(2) {
        @Override
        FloatArray table() {
            return halves(code -> Float16.toFloat((short) code));
        }
    },
    /** bfloat16, rounded to nearest even. */
    BF16(2) {
        @Override
        FloatArray table() {
            return halves(code -> BFloat16.toFloat((short) code));
        }
    },
    /** FP8 with a scale for each layer: {@code e4m3(clamp(x / scale, -448, 448)) * scale}. */
    E4M3(4) {
        @Override
        FloatArray table() {
            return org.quantado.kernels.codec.E4M3.table();
        }
    };

    private final int perWord;

    KvFormat(int perWord) {
        this.perWord = perWord;
    }

    /** Elements in 32 bits. */
    public int perWord() {
        return perWord;
    }

    /** How kernels are told of it. */
    int number() {
        return switch (this) {
            case F32 -> 0;
            case F16 -> 1;
            case BF16 -> 2;
            case E4M3 -> 3;
        };
    }

    /** The format of a {@link #number}. */
    static KvFormat ofNumber(int number) {
        return Arrays.stream(values()).filter(format -> format.number() == number).findFirst().orElseThrow();
    }

    /** The value of each code, in a new array; not of floats, which are no codes. */
    abstract FloatArray table();

    private static FloatArray halves(IntToDoubleFunction value) {
        FloatArray table = new FloatArray(1 << Short.SIZE);
        for (int code = 0; code < table.getSize(); code++) {
            table.set(code, (float) value.applyAsDouble(code));
        }
        return table;
    }
}
