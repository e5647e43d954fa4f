package org.quantado.cli.report;

/** Times in milliseconds. */
public final class Millis {
    private static final double NANOS = 1e6;

    private Millis() {
    }

    public static double of(long nanos) {
        return nanos / NANOS;
    }

    /** From one {@link System#nanoTime} to another. */
    public static double between(long start, long end) {
        return of(end - start);
    }
}
