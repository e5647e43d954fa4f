package org.quantado.server.batch;

/** A request that was taken. */
public final class Submission {
    private final BatchRequest request;
    private final AnswerListener listener;
    private final long arrival;
    private final long deadline;
    private volatile boolean cancelled;

    Submission(BatchRequest request, AnswerListener listener, long arrival, long deadline) {
        this.request = request;
        this.listener = listener;
        this.arrival = arrival;
        this.deadline = deadline;
    }

    BatchRequest request() {
        return request;
    }

    AnswerListener listener() {
        return listener;
    }

    /** As {@link System#nanoTime} has it. */
    long arrival() {
        return arrival;
    }

    boolean isLate() {
        return System.nanoTime() - deadline > 0;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** Its slot is free at the next token. */
    public void cancel() {
        cancelled = true;
    }
}
