package org.quantado.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.quantado.bench.peaks.DevicePeaks;
import org.quantado.bench.timing.Stopwatch;
import org.quantado.kernels.graph.GraphTimes;

/** Checks works, takes their times, and keeps the results. */
public final class Meter {
    private final DevicePeaks peaks;
    private final Stopwatch stopwatch;
    private final Consumer<Result> progress;
    private final List<Result> results = new ArrayList<>();

    Meter(DevicePeaks peaks, Stopwatch stopwatch, Consumer<Result> progress) {
        this.peaks = peaks;
        this.stopwatch = stopwatch;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @throws WrongResultException if its error is beyond its tolerance
     */
    public void measure(Workload workload) {
        workload.run().run();
        double error = workload.error().getAsDouble();
        if (!(error <= workload.tolerance())) {
            throw new WrongResultException(workload.subject(), error, workload.tolerance());
        }
        Stopwatch.Paired times = stopwatch.measure(workload.run(), workload.device());
        Result result = Result.of(workload, times, copiedBytes(workload), error, peaks);
        results.add(result);
        progress.accept(result);
    }

    /** What a call copies when everything that stays on the device is there. */
    private static long copiedBytes(Workload workload) {
        workload.device().profile(true);
        workload.run().run();
        workload.device().profile(false);
        GraphTimes once = workload.device().takeTimes();
        return once.bytesIn() + once.bytesOut();
    }

    List<Result> results() {
        return List.copyOf(results);
    }
}
