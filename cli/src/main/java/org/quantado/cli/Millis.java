package org.quantado.cli;

/** Times in milliseconds. */
final class Millis {
    private static final double NANOS = 1e6;

    private Millis() {
    }

    static double of(long nanos) {
        return nanos / NANOS;
    }

    /** From one {@link System#nanoTime} to another. */
    static double between(long start, long end) {
        return of(end - start);
    }
}
