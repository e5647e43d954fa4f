package org.quantado.bench;

import org.quantado.bench.peaks.DevicePeaks;
import org.quantado.bench.timing.Stopwatch;
import org.quantado.bench.timing.Times;

/**
 * What some work took.
 *
 * @param subject what was done
 * @param kernels time of the kernels on the device, as TornadoVM's profiler says
 * @param wall whole time of a call, without the profiler
 * @param bytes that have to be read or written at least, in the formats of checkpoints
 * @param flop operations on floats, two per multiply-add; 0 where they are not counted
 * @param bytesPerSecond bytes over the best whole time
 * @param flopPerSecond flop over the best whole time
 * @param readShare bytesPerSecond over what the device reads at most
 * @param flopShare flopPerSecond over what the device computes at most
 * @param overheadMicros whole time less kernels, best of each, in us; 0 where the difference is less than the clocks tell
 * @param extraBytes bytes copied to and from the device beyond what goes in and comes out
 * @param error of the results that were looked at
 */
public record Result(Subject subject, Times kernels, Times wall, long bytes, double flop, double bytesPerSecond,
        double flopPerSecond, double readShare, double flopShare, double overheadMicros, long extraBytes,
        double error) {
    static Result of(Workload workload, Stopwatch.Paired times, long copied, double error, DevicePeaks peaks) {
        Work work = workload.work();
        double seconds = times.wall().best() * 1e-9;
        double bytes = work.bytes() / seconds;
        double flop = work.flop() / seconds;
        return new Result(workload.subject(), times.kernels(), times.wall(), work.bytes(), work.flop(), bytes, flop,
                bytes / peaks.readBytesPerSecond(), flop / peaks.flopPerSecond(),
                Math.max(0, times.wall().best() - times.kernels().best()) * 1e-3, copied - work.copied(), error);
    }
}
