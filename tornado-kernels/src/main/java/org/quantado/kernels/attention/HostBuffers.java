package org.quantado.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Keys and values of 16 neighbouring positions, as floats. Keys are {@code [size, 16]}, the positions of an element side by
 * side; values {@code [16, size]}.
 */
final class HostBuffers {
    /** Positions in the buffers. */
    static final int POSITIONS = 16;

    /** The widest vectors of the machine, of which a whole number is the positions. */
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED.length() > POSITIONS
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;

    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    private static final int LANES = FLOATS.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final int BINARY16_MAGNITUDE = 0x0FFFE000;
    private static final int BINARY16_SHIFT = 3;
    /** From the exponent's bias of binary16, 15, to that of floats, 127: exact for subnormals, too. */
    private static final float FROM_BINARY16 = 0x1p112f;
    /** What infinities and NaN of binary16 come out as, at least. */
    private static final float BEYOND_BINARY16 = 65536;

    private static final int E4M3_MAGNITUDE = 0x07F00000;
    private static final int E4M3_SHIFT = 4;
    /** From the exponent's bias of E4M3, 7, to that of floats, 127: exact for subnormals, too. */
    private static final float FROM_E4M3 = 0x1p120f;
    /** What NaN of E4M3 comes out as. */
    private static final float BEYOND_E4M3 = 480;

    private final MemorySegment allKeys;
    private final MemorySegment allValues;
    private final KvFormat format;
    private final float[] keys;
    private final float[] values;

    /** @param format {@link KvFormat#number} */
    HostBuffers(MemorySegment allKeys, MemorySegment allValues, int format, int keySize, int valueSize) {
        this.allKeys = allKeys;
        this.allValues = allValues;
        this.format = KvFormat.ofNumber(format);
        this.keys = new float[keySize * POSITIONS];
        this.values = new float[POSITIONS * valueSize];
    }

    float[] keys() {
        return keys;
    }

    float[] values() {
        return values;
    }

    /**
     * Fills the buffers.
     *
     * @param position number among all positions of all heads, sequences and layers, a multiple of 16
     * @param count positions whose values are wanted
     */
    void fill(long position, int count) {
        int keyWords = keys.length / POSITIONS / format.perWord();
        fill(allKeys, position * keyWords, keyWords * POSITIONS, keys, 0);
        int valueSize = values.length / POSITIONS;
        int valueWords = valueSize / format.perWord();
        for (int p = 0; p < count; p++) {
            fill(allValues, (position + p) * valueWords, valueWords, values, p * valueSize);
        }
    }

    private void fill(MemorySegment words, long first, int count, float[] to, int at) {
        long offset = first * Integer.BYTES;
        switch (format) {
            case F32 -> MemorySegment.copy(words, ValueLayout.JAVA_FLOAT, offset, to, at, count);
            case BF16 -> fillBFloat16(words, offset, count, to, at);
            case F16 -> fillBinary16(words, offset, count, to, at);
            case E4M3 -> fillE4m3(words, offset, count, to, at);
        }
    }

    private static void fillBFloat16(MemorySegment words, long offset, int count, float[] to, int at) {
        for (int w = 0; w < count; w += LANES) {
            IntVector word = IntVector.fromMemorySegment(INTS, words, offset + w * (long) Integer.BYTES, ORDER);
            word.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().intoArray(to, at + w);
            word.and(-1 << Short.SIZE).reinterpretAsFloats().intoArray(to, at + count + w);
        }
    }

    private static void fillBinary16(MemorySegment words, long offset, int count, float[] to, int at) {
        for (int w = 0; w < count; w += LANES) {
            IntVector word = IntVector.fromMemorySegment(INTS, words, offset + w * (long) Integer.BYTES, ORDER);
            for (int f = 0; f < 2; f++) {
                IntVector code = word.lanewise(VectorOperators.LSHL, Short.SIZE * (1 - f));
                FloatVector magnitude = code.lanewise(VectorOperators.LSHR, BINARY16_SHIFT).and(BINARY16_MAGNITUDE)
                        .reinterpretAsFloats().mul(FROM_BINARY16);
                magnitude = magnitude.blend(Float.NaN, magnitude.lt(BEYOND_BINARY16).not());
                magnitude.reinterpretAsInts().or(code.and(Integer.MIN_VALUE)).reinterpretAsFloats().intoArray(to,
                        at + f * count + w);
            }
        }
    }

    private static void fillE4m3(MemorySegment words, long offset, int count, float[] to, int at) {
        for (int w = 0; w < count; w += LANES) {
            IntVector word = IntVector.fromMemorySegment(INTS, words, offset + w * (long) Integer.BYTES, ORDER);
            for (int f = 0; f < 4; f++) {
                IntVector code = word.lanewise(VectorOperators.LSHL, Byte.SIZE * (3 - f));
                FloatVector magnitude = code.lanewise(VectorOperators.LSHR, E4M3_SHIFT).and(E4M3_MAGNITUDE)
                        .reinterpretAsFloats().mul(FROM_E4M3);
                magnitude = magnitude.blend(Float.NaN, magnitude.lt(BEYOND_E4M3).not());
                magnitude.reinterpretAsInts().or(code.and(Integer.MIN_VALUE)).reinterpretAsFloats().intoArray(to,
                        at + f * count + w);
            }
        }
    }
}
