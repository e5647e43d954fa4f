package org.quantado.server.batch;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What a batch did since its start, and does now. May be read by any thread. */
public final class BatchStatistics {
    /** Weight of the last answer in the mean of their durations. */
    private static final double NEW = 0.2;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int LONGEST_RETRY = 60;

    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder reusedTokens = new LongAdder();
    private final LongAdder answerTokens = new LongAdder();
    private final LongAdder steps = new LongAdder();
    private final AtomicInteger busySlots = new AtomicInteger();
    private final AtomicLong cachedTokens = new AtomicLong();
    private volatile double meanNanos = NANOS_PER_SECOND;

    void promptRead(int tokens) {
        promptTokens.add(tokens);
    }

    void reused(int tokens) {
        reusedTokens.add(tokens);
    }

    void stepped(int tokens) {
        steps.increment();
        answerTokens.add(tokens);
    }

    void slots(int busy, long cached) {
        busySlots.set(busy);
        cachedTokens.set(cached);
    }

    /** Called by one thread. */
    void ended(long nanos) {
        meanNanos = (1 - NEW) * meanNanos + NEW * nanos;
    }

    /** In about how many seconds a request could begin that comes after so many others. */
    int retrySeconds(int before, int slots) {
        return (int) Math.clamp(Math.ceil(meanNanos / NANOS_PER_SECOND * (before + 1) / slots), 1, LONGEST_RETRY);
    }

    /** Ids of prompts that the model read. */
    public long promptTokens() {
        return promptTokens.sum();
    }

    /** Ids of prompts that were in the cache already. */
    public long reusedTokens() {
        return reusedTokens.sum();
    }

    /** Ids that the model gave. */
    public long answerTokens() {
        return answerTokens.sum();
    }

    /** Executions that gave them. */
    public long steps() {
        return steps.sum();
    }

    /** Slots that a request has now. */
    public int busySlots() {
        return busySlots.get();
    }

    /** Ids that the cache has now, those of ended requests included. */
    public long cachedTokens() {
        return cachedTokens.get();
    }
}
