package org.quantado.models.generate;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** One sequence of ids before a model, which remembers it. Logits belong to the sequence, and change with the next call. */
public interface TokenSequence {
    /** V: how many ids the model knows. */
    int vocabularySize();

    /** Ids that the sequence can have at most: its context. */
    int capacity();

    /** Ids that it has. */
    int length();

    /**
     * Appends ids.
     *
     * @return what the model expects after the last of them, {@code [V]}
     */
    FloatArray append(int... ids);

    /**
     * Appends ids.
     *
     * @return what the model expects after each of them, {@code [ids, V]}
     */
    FloatArray appendAll(int... ids);

    /**
     * Appends ids.
     *
     * @return the id that the model expects most after the last of them
     */
    default int appendGreedy(int... ids) {
        return Sampler.argmax(append(ids));
    }

    /** Forgets the ids from this length on. */
    void rewind(int length);
}
