package org.quantado.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Repeats something until its times are worth something. */
final class Stopwatch {
    private static final int MIN_REPETITIONS = 7;
    private static final int WARM_UP_REPETITIONS = 3;
    private static final double WARM_UP_SHARE = 0.3;

    private final long nanos;

    /** @param seconds how long to repeat, at least seven times */
    Stopwatch(double seconds) {
        nanos = (long) (seconds * 1e9);
    }

    /**
     * Runs until warm, then measures.
     *
     * @param run returns the time on the device
     * @param wall receives the whole times
     * @return times on the device
     */
    Times measure(LongSupplier run, List<Times> wall) {
        repeat(run, new ArrayList<>(), (long) (nanos * WARM_UP_SHARE), WARM_UP_REPETITIONS);
        List<Long> wallNanos = new ArrayList<>();
        Times device = Times.of(repeat(run, wallNanos, nanos, MIN_REPETITIONS));
        wall.add(Times.of(array(wallNanos)));
        return device;
    }

    private static long[] repeat(LongSupplier run, List<Long> wall, long nanos, int least) {
        List<Long> device = new ArrayList<>();
        long start = System.nanoTime();
        while (device.size() < least || System.nanoTime() - start < nanos) {
            long before = System.nanoTime();
            device.add(run.getAsLong());
            wall.add(System.nanoTime() - before);
        }
        return array(device);
    }

    private static long[] array(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
