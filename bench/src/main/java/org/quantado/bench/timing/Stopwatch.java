package org.quantado.bench.timing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

import org.quantado.kernels.graph.Profiled;

/** Repeats something until its times are worth something. */
public final class Stopwatch {
    /** Whole times and device times are taken by turns, so that what else the machine does disturbs both alike. */
    private static final int ROUNDS = 4;
    private static final int REPETITIONS_OF_A_ROUND = 1;
    private static final double WARM_UP_SHARE = 0.3;

    private final long nanos;

    /** @param seconds how long to repeat; rounds are finished all the same */
    public Stopwatch(double seconds) {
        nanos = (long) (seconds * 1e9);
    }

    /**
     * Times of the same thing.
     *
     * @param wall whole times, without TornadoVM's profiler, which takes its own time
     * @param kernels times of the kernels, with it
     */
    public record Paired(Times wall, Times kernels) {
    }

    /** Runs until warm, then measures. */
    public Paired measure(Runnable run, Profiled device) {
        LongSupplier whole = () -> {
            long before = System.nanoTime();
            run.run();
            return System.nanoTime() - before;
        };
        LongSupplier kernels = () -> {
            run.run();
            return device.takeTimes().kernelNanos();
        };
        repeat(whole, (long) (nanos * WARM_UP_SHARE), new ArrayList<>());
        List<Long> wallNanos = new ArrayList<>();
        List<Long> kernelNanos = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            repeat(whole, nanos / ROUNDS / 2, wallNanos);
            device.profile(true);
            repeat(kernels, nanos / ROUNDS / 2, kernelNanos);
            device.profile(false);
        }
        return new Paired(Times.of(wallNanos), Times.of(kernelNanos));
    }

    private static void repeat(LongSupplier run, long nanos, List<Long> times) {
        long start = System.nanoTime();
        for (int i = 0; i < REPETITIONS_OF_A_ROUND || System.nanoTime() - start < nanos; i++) {
            times.add(run.getAsLong());
        }
    }
}
