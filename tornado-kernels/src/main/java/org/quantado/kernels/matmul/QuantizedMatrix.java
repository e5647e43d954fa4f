package org.quantado.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A weight {@code [N, K]} as codes, a decode table and group scales:
 * {@code w[n,k] = (table[code[n,k]] - zero[n,k/groupSize]) * scale[n,k/groupSize]}.
 *
 * @param outputs N, the number of output features
 * @param inputs K, the number of input features
 * @param codeBits width of a code in {@code words}: 2, 4, 8, or 32 where groups do not begin on word boundaries of
 *     narrower codes
 * @param words {@code [N, ceil(K / (32 / codeBits))]}, the codes of a row in order, the first in the lowest bits
 * @param table what each code is worth; a single element where the words are the bits of floats, {@link #ofFloats}
 * @param groupSize number of neighbouring columns that share a scale; K for a scale per channel
 * @param scales {@code [N, ceil(K / groupSize)]}
 * @param zeros {@code [N, ceil(K / groupSize)]}, or a single 0 where every zero point is 0
 */
public record QuantizedMatrix(int outputs, int inputs, int codeBits, IntArray words, FloatArray table,
        int groupSize,
        FloatArray scales, FloatArray zeros) implements MatrixRows {
    private static final int WORD_BITS = 32;

    public QuantizedMatrix {
        requireSize("words", words.getSize(), outputs * (long) wordsPerRow(inputs, codeBits));
        requireSize("scales", scales.getSize(), outputs * (long) groups(inputs, groupSize));
        if (zeros.getSize() != 1) {
            requireSize("zeros", zeros.getSize(), scales.getSize());
        }
        if (groupSize < inputs && groupSize % codesPerWord(codeBits) != 0) {
            throw new IllegalArgumentException("group size " + groupSize + " is not a multiple of the "
                    + codesPerWord(codeBits) + " codes of a word");
        }
    }

    /**
     * A weight of floats as they are.
     *
     * @param bits {@code [N, K]}, the bits of the floats
     */
    public static QuantizedMatrix ofFloats(int outputs, int inputs, IntArray bits) {
        FloatArray ones = new FloatArray(outputs);
        ones.init(1);
        return new QuantizedMatrix(outputs, inputs, WORD_BITS, bits, new FloatArray(1), inputs, ones,
                new FloatArray(1));
    }

    @Override
    public QuantizedMatrix load() {
        return this;
    }

    @Override
    public Reader reader() {
        return new Reader() {
            @Override
            public void words(int row, int[] target) {
                MemorySegment.copy(words.getSegment(), ValueLayout.JAVA_INT,
                        row * (long) target.length * Integer.BYTES, target, 0, target.length);
            }

            @Override
            public void scales(int row, float[] target) {
                copy(scales, row, target);
            }

            @Override
            public void zeros(int row, float[] target) {
                copy(zeros, row, target);
            }
        };
    }

    private static void copy(FloatArray floats, int row, float[] target) {
        MemorySegment.copy(floats.getSegment(), ValueLayout.JAVA_FLOAT, row * (long) target.length * Float.BYTES,
                target, 0, target.length);
    }

    /** The widest of 32 / bits codes per word such that every group begins at a word: the {@code codeBits} to use. */
    public static int codeBitsFor(int bits, int inputs, int groupSize) {
        int codeBits = Math.max(2, Integer.highestOneBit(2 * bits - 1));
        while (groupSize < inputs && groupSize % codesPerWord(codeBits) != 0) {
            codeBits *= 2;
        }
        return codeBits;
    }

    public static int codesPerWord(int codeBits) {
        return WORD_BITS / codeBits;
    }

    public static int wordsPerRow(int inputs, int codeBits) {
        return Math.ceilDiv(inputs, codesPerWord(codeBits));
    }

    public static int groups(int inputs, int groupSize) {
        return Math.ceilDiv(inputs, groupSize);
    }

    /** Element {@code w[n,k]}, dequantized. */
    public double value(int n, int k) {
        if (holdsFloats()) {
            return Float.intBitsToFloat(words.get(n * inputs + k));
        }
        int perWord = codesPerWord(codeBits);
        int word = words.get(n * wordsPerRow(inputs, codeBits) + k / perWord);
        int code = (word >> (k % perWord * codeBits)) & (table.getSize() - 1);
        int group = n * groups(inputs, groupSize) + k / groupSize;
        double zero = hasZeros() ? zeros.get(group) : 0;
        return (table.get(code) - zero) * scales.get(group);
    }

    @Override
    public boolean hasZeros() {
        return zeros.getSize() > 1 || zeros.get(0) != 0;
    }

    /** Bytes that one product reads of this matrix: codes, scales and zero points. */
    public long bytes() {
        return words.getNumBytesOfSegment() + scales.getNumBytesOfSegment()
                + (hasZeros() ? zeros.getNumBytesOfSegment() : 0);
    }

    private static void requireSize(String what, long found, long expected) {
        if (found != expected) {
            throw new IllegalArgumentException(what + " has " + found + " elements, expected " + expected);
        }
    }
}
