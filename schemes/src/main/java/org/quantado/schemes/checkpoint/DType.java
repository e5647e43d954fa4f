package org.quantado.schemes.checkpoint;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Element types of the safetensors format, with the names that the format gives them.
 * <p>
 * The order is the format's own, from the least to the most aligned: files are written with the last of these
 * types first. Elements of less than a byte are packed without padding inside a tensor.
 */
public enum DType {
    /** One byte, 0 or 1. */
    BOOL(8),
    /** OCP MXFP4 element, E2M1. */
    F4(4),
    /** OCP MXFP6 element, E2M3. */
    F6_E2M3(6),
    /** OCP MXFP6 element, E3M2. */
    F6_E3M2(6),
    /** Unsigned byte. */
    U8(8),
    /** Signed byte. */
    I8(8),
    /** OCP FP8 E5M2. */
    F8_E5M2(8),
    /** OCP FP8 E4M3, finite values and NaN only. */
    F8_E4M3(8),
    /** OCP MX scale, a power of two with bias 127. */
    F8_E8M0(8),
    /** E4M3 without negative zero and infinities, bias 8. */
    F8_E4M3FNUZ(8),
    /** E5M2 without negative zero and infinities, bias 16. */
    F8_E5M2FNUZ(8),
    /** Signed 16-bit integer. */
    I16(16),
    /** Unsigned 16-bit integer. */
    U16(16),
    /** IEEE 754 binary16. */
    F16(16),
    /** The upper half of a binary32. */
    BF16(16),
    /** Signed 32-bit integer. */
    I32(32),
    /** Unsigned 32-bit integer. */
    U32(32),
    /** IEEE 754 binary32. */
    F32(32),
    /** Two binary32: real and imaginary part. */
    C64(64),
    /** IEEE 754 binary64. */
    F64(64),
    /** Signed 64-bit integer. */
    I64(64),
    /** Unsigned 64-bit integer. */
    U64(64);

    private static final Map<String, DType> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(DType::name, Function.identity()));

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /** Size of one element in bits. */
    public int bits() {
        return bits;
    }

    /**
     * Size in bytes of that many elements.
     *
     * @throws ArithmeticException if they do not fill whole bytes, or more bytes than a long counts
     */
    public long byteSize(long elements) {
        long sizeInBits = Math.multiplyExact(elements, bits);
        if (sizeInBits % Byte.SIZE != 0) {
            throw new ArithmeticException(
                    elements + " elements of " + bits + " bits do not fill whole bytes");
        }
        return sizeInBits / Byte.SIZE;
    }

    /** The type that a file calls by this name, if the format has it. */
    public static Optional<DType> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
