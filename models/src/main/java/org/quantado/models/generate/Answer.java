package org.quantado.models.generate;

import java.util.OptionalLong;

/**
 * What a model said.
 *
 * @param text without what stopped it
 * @param ids the model's, the stopping one included
 * @param end why there is no more
 * @param seed with which the same comes again; empty where nothing was drawn
 * @param times how long it took
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares answers
public record Answer(String text, int[] ids, End end, OptionalLong seed, Times times) {
    /** Why an answer ends. */
    public enum End {
        /** An id that ends answers, or a stop string, came. */
        STOP,
        /** As many tokens as were asked for. */
        LENGTH,
        /** The context is full. */
        CONTEXT,
        /** It was cancelled. */
        CANCELLED
    }

    /**
     * How long an answer took.
     *
     * @param promptTokens ids that the model had to read
     * @param answerTokens ids that it gave
     * @param firstNanos from the beginning to the first id of the answer, in nanoseconds
     * @param restNanos from there to the last, in nanoseconds
     */
    public record Times(int promptTokens, int answerTokens, long firstNanos, long restNanos) {
        private static final double NANOS_PER_SECOND = 1e9;

        /** Ids of the prompt read in a second, the choice of the first id included. */
        public double promptRate() {
            return rate(promptTokens, firstNanos);
        }

        /** Ids of the answer given in a second, from the second on; 0 if there is no second. */
        public double answerRate() {
            return rate(Math.max(0, answerTokens - 1), restNanos);
        }

        private static double rate(int tokens, long nanos) {
            return tokens == 0 || nanos == 0 ? 0 : tokens * NANOS_PER_SECOND / nanos;
        }
    }
}
