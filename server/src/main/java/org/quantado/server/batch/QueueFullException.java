package org.quantado.server.batch;

/** There are as many requests waiting as may wait. */
public final class QueueFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int retrySeconds;

    QueueFullException(int waiting, int retrySeconds) {
        super("the queue is full: " + waiting + " requests wait");
        this.retrySeconds = retrySeconds;
    }

    /** After about how many seconds there will be room. */
    public int retrySeconds() {
        return retrySeconds;
    }
}
