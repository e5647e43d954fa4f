package org.quantado.models.generate;

import org.quantado.models.decoder.Session;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Goes on with several sequences of a session by one id each, all of them in one pass through the weights. */
public final class SequenceSteps {
    private final Session session;
    private final FloatArray logits;

    /** Chooses ids from logits. */
    @FunctionalInterface
    public interface Chooser {
        /**
         * The id that a sequence goes on with.
         *
         * @param index of the sequence in the step
         * @param logits {@code [V]}, which may be changed
         */
        int choose(int index, FloatArray logits);
    }

    /** @param session whose sequences they are */
    public SequenceSteps(Session session) {
        this.session = session;
        this.logits = new FloatArray(session.vocabulary());
    }

    /**
     * Appends an id to each, and takes the most likely one that comes next.
     *
     * @param sequences different ones
     * @param ids for each of them
     */
    public int[] greedy(int[] sequences, int... ids) {
        int[] next = new int[ids.length];
        session.step(sequences, ids, next);
        return next;
    }

    /**
     * Appends an id to each, and has the next one chosen.
     *
     * @param sequences different ones
     * @param ids for each of them
     */
    public int[] chosen(int[] sequences, int[] ids, Chooser chooser) {
        int[] next = new int[ids.length];
        session.step(sequences, ids, (first, count, rows) -> {
            for (int row = 0; row < count; row++) {
                for (int id = 0; id < session.vocabulary(); id++) {
                    logits.set(id, rows.get(row * session.vocabulary() + id));
                }
                next[first + row] = chooser.choose(first + row, logits);
            }
        });
        return next;
    }
}
