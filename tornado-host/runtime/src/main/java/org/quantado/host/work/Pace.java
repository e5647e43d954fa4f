package org.quantado.host.work;

/** How long a task took the last time: one that is done sooner than others could come to help is not shared. */
final class Pace {
    /** Several times what it costs to wake another thread. */
    private static final long QUICK_NANOS = 20_000;

    private volatile long lastNanos;

    /** Whether work that has taken so long may be done soon. */
    boolean mayBeQuick(long nanos) {
        return lastNanos < QUICK_NANOS && nanos < QUICK_NANOS / 2;
    }

    void took(long nanos) {
        lastNanos = nanos;
    }
}
