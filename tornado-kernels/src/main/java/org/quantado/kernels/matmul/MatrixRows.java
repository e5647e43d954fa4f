package org.quantado.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

import org.quantado.kernels.memory.LargeArrays;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A weight {@code [N, K]} as a {@link QuantizedMatrix} has it, whose rows are read one by one from where they are: so they
 * can be brought from a file into the layout of some kernels without being held in between.
 */
public interface MatrixRows {
    /** Rows that are read by a thread through the same buffers. */
    int ROWS_TOGETHER = 64;

    /** N. */
    int outputs();

    /** K. */
    int inputs();

    /** Width of a code in a row's words; see {@link QuantizedMatrix}. */
    int codeBits();

    /** What each code is worth; a single element where the words are the bits of floats. */
    FloatArray table();

    /** Columns that share a scale. */
    int groupSize();

    /** Whether there are zero points. */
    boolean hasZeros();

    /** Opens what reads rows, for one thread. */
    Reader reader();

    /** Reads rows. Not thread-safe. */
    interface Reader {
        /** Reads the codes of a row. */
        void words(int row, int[] words);

        /** Reads the scales of a row. */
        void scales(int row, float[] scales);

        /** Reads the zero points of a row, where there are any. */
        void zeros(int row, float[] zeros);
    }

    /** Whether the words are the bits of floats. */
    default boolean holdsFloats() {
        return table().getSize() == 1;
    }

    /** Words of a row. */
    default int wordsPerRow() {
        return QuantizedMatrix.wordsPerRow(inputs(), codeBits());
    }

    /** Groups of a row. */
    default int groups() {
        return QuantizedMatrix.groups(inputs(), groupSize());
    }

    /** All rows in memory, read by all processors. */
    default QuantizedMatrix load() {
        IntArray words = LargeArrays.ints(Math.multiplyExact(outputs(), wordsPerRow()));
        FloatArray scales = LargeArrays.floats(Math.multiplyExact(outputs(), groups()));
        FloatArray zeros = hasZeros() ? LargeArrays.floats(scales.getSize()) : new FloatArray(1);
        copyTo(words.getSegment(), scales.getSegment(), zeros.getSegment());
        return new QuantizedMatrix(outputs(), inputs(), codeBits(), words, table(), groupSize(), scales, zeros);
    }

    /** Copies all rows to memory for just as many; the zero points only if there are any. */
    default void copyTo(MemorySegment words, MemorySegment scales, MemorySegment zeros) {
        forEachRange((reader, from, to) -> {
            copyWords(reader, from, to, words);
            copyFloats(reader::scales, from, to, scales);
            if (hasZeros()) {
                copyFloats(reader::zeros, from, to, zeros);
            }
        });
    }

    /** The floats that this holds, {@code [N, K]}, read by all processors. */
    default FloatArray floats() {
        FloatArray floats = LargeArrays.floats(Math.multiplyExact(outputs(), inputs()));
        copyFloats(floats.getSegment());
        return floats;
    }

    /** Copies the floats that this holds to memory for just as many. */
    default void copyFloats(MemorySegment floats) {
        forEachRange((reader, from, to) -> copyWords(reader, from, to, floats));
    }

    private void forEachRange(RangeWork work) {
        IntStream.range(0, Math.ceilDiv(outputs(), ROWS_TOGETHER)).parallel()
                .forEach(range -> work.on(reader(), range * ROWS_TOGETHER,
                        Math.min(outputs(), (range + 1) * ROWS_TOGETHER)));
    }

    private void copyWords(Reader reader, int from, int to, MemorySegment target) {
        int[] words = new int[wordsPerRow()];
        for (int row = from; row < to; row++) {
            reader.words(row, words);
            MemorySegment.copy(words, 0, target, ValueLayout.JAVA_INT, row * (long) words.length * Integer.BYTES,
                    words.length);
        }
    }

    private void copyFloats(RowOfFloats source, int from, int to, MemorySegment target) {
        float[] floats = new float[groups()];
        for (int row = from; row < to; row++) {
            source.read(row, floats);
            MemorySegment.copy(floats, 0, target, ValueLayout.JAVA_FLOAT,
                    row * (long) floats.length * Float.BYTES, floats.length);
        }
    }

    /** What is done with some rows. */
    @FunctionalInterface
    interface RangeWork {
        /** Reads the rows {@code from} to {@code to}, exclusive. */
        void on(Reader reader, int from, int to);
    }

    /** What reads the floats of a row. */
    @FunctionalInterface
    interface RowOfFloats {
        /** Reads those of this row. */
        void read(int row, float[] floats);
    }
}
