package org.quantado.bench;

import java.util.List;
import java.util.function.Consumer;

import org.quantado.bench.peaks.DevicePeaks;
import org.quantado.bench.timing.Stopwatch;
import org.quantado.kernels.matmul.FlavourChoice;

/**
 * What to measure in one process.
 *
 * @param benches one after the other
 * @param seconds how long to repeat each work
 */
public record BenchRun(List<Bench> benches, double seconds) {
    /**
     * Measures what the device does at most, and then everything.
     *
     * @param progress is told each result as it comes
     * @throws WrongResultException if a result is wrong
     */
    public Measurements run(Consumer<Result> progress) {
        FlavourChoice flavour = FlavourChoice.forDevice();
        Stopwatch stopwatch = new Stopwatch(seconds);
        DevicePeaks peaks = DevicePeaks.measure(flavour.flavour(), stopwatch);
        Meter meter = new Meter(peaks, stopwatch, progress);
        benches.forEach(bench -> bench.run(meter));
        return new Measurements(flavour.flavour(), flavour.reason(), peaks, meter.results());
    }
}
