package org.quantado.server.batch;

import java.time.Duration;

/**
 * How many requests there may be, and how long they may take.
 *
 * @param slots requests that run at a time, each with its place in the cache
 * @param queue requests that wait for a slot, at most
 * @param timeLimit from a request's arrival to its last token
 */
public record BatchSettings(int slots, int queue, Duration timeLimit) {
    public BatchSettings {
        if (slots < 1 || queue < 0 || !timeLimit.isPositive()) {
            throw new IllegalArgumentException(slots + " slots, a queue of " + queue + ", " + timeLimit);
        }
    }
}
