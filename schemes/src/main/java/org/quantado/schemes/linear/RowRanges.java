package org.quantado.schemes.linear;

import java.util.stream.IntStream;

/** Rows that are worked on together by one thread, so that its buffers are made once for many of them. */
final class RowRanges {
    /** Few enough for all cores to have several ranges of a weight, and buffers to be a small part of it. */
    private static final int ROWS = 64;

    private RowRanges() {
    }

    /** What is done with the rows {@code from} to {@code to}, exclusive. */
    @FunctionalInterface
    interface Work {
        void on(int from, int to);
    }

    /** Works on all rows, on all cores. */
    static void forEach(int rows, Work work) {
        IntStream.range(0, Math.ceilDiv(rows, ROWS)).parallel()
                .forEach(range -> work.on(range * ROWS, Math.min(rows, (range + 1) * ROWS)));
    }
}
