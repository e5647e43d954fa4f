package org.quantado.models.generate;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** One sequence of ids before a model, which remembers it. Logits belong to the sequence, and change with the next call. */
public interface TokenSequence extends AutoCloseable {
    /** V: how many ids the model knows. */
    int vocabularySize();

    /** Ids that the sequence can have at most: its context. */
    int capacity();

    /** Ids that it has. */
    int length();

    /**
     * Appends ids.
     *
     * @return what the model expects after the last of them, {@code [V]} or more
     */
    FloatArray append(int... ids);

    /**
     * Appends ids.
     *
     * @return the id that the model expects most after the last of them; of several the first
     */
    int appendGreedy(int... ids);

    /** Appends ids, and reads what the model expects after each of them. */
    void append(int[] ids, LogitReader reader);

    /** Forgets the ids from this length on. */
    void rewind(int length);

    /** Makes room for another sequence. */
    @Override
    void close();

    /** Reads logits, block by block. */
    @FunctionalInterface
    interface LogitReader {
        /**
         * What the model expects after some of the ids.
         *
         * @param first number of the first of them among those that were appended
         * @param count how many
         * @param logits {@code [count, V]} or more, to be read at once
         */
        void read(int first, int count, FloatArray logits);
    }
}
