package org.quantado.server.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Requests that wait for a slot, first come, first served; and how many were taken that have not ended. */
final class RequestQueue {
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Submission> waiting = new ArrayDeque<>();
    private int taken;
    private boolean draining;

    /** @param capacity requests at most, those that run included */
    RequestQueue(int capacity) {
        this.capacity = capacity;
    }

    /**
     * Takes all of some requests, or none.
     *
     * @param retrySeconds for those for whom there is no room
     */
    void add(List<Submission> more, int retrySeconds) {
        lock.lock();
        try {
            if (draining) {
                throw new DrainingException();
            }
            if (taken + more.size() > capacity) {
                throw new QueueFullException(waiting.size(), retrySeconds);
            }
            taken += more.size();
            waiting.addAll(more);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Makes room for another: one has ended. */
    void ended() {
        lock.lock();
        try {
            taken--;
        } finally {
            lock.unlock();
        }
    }

    Optional<Submission> poll() {
        lock.lock();
        try {
            return Optional.ofNullable(waiting.poll());
        } finally {
            lock.unlock();
        }
    }

    /** Takes those out for which something is so. */
    List<Submission> removeIf(Predicate<Submission> condition) {
        lock.lock();
        try {
            List<Submission> removed = waiting.stream().filter(condition).toList();
            waiting.removeAll(removed);
            return removed;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is a request; false if there never will be one. */
    boolean await() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !draining) {
                changed.awaitUninterruptibly();
            }
            return !waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more. */
    void drain() {
        lock.lock();
        try {
            draining = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isDraining() {
        lock.lock();
        try {
            return draining;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }
}
