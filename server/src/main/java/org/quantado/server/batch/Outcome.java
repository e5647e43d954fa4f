package org.quantado.server.batch;

import java.util.Optional;

/**
 * How an answer ended.
 *
 * @param end why there is no more
 * @param promptTokens ids of the prompt
 * @param reusedTokens those of them that were in the cache already
 * @param answerTokens ids that the model gave, the one that ended the answer included
 * @param firstNanos from the request's arrival to the first id of the answer, in nanoseconds; 0 if there is none
 * @param restNanos from there to the last
 * @param failure what went wrong, if the end is {@link End#FAILED}
 */
public record Outcome(End end, int promptTokens, int reusedTokens, int answerTokens, long firstNanos, long restNanos,
        Optional<RuntimeException> failure) {
    /** Why an answer ends. */
    public enum End {
        /** An id or a string that ends answers came, or the form that was asked for is complete. */
        STOP,
        /** As many tokens as were asked for, or a full context. */
        LENGTH,
        /** Nobody wants it any more. */
        CANCELLED,
        /** It took too long. */
        TIMEOUT,
        /** The model or its device failed. */
        FAILED
    }
}
