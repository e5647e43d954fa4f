package org.quantado.bench;

import java.util.function.DoubleSupplier;

import org.quantado.kernels.graph.Profiled;

/**
 * Something that is prepared and can be done again and again.
 *
 * @param subject what it is
 * @param work what has to be done for it
 * @param run does it once
 * @param device what runs it
 * @param error compares what the last run gave with a plain reference
 * @param tolerance largest error that rounding explains
 */
public record Workload(Subject subject, Work work, Runnable run, Profiled device, DoubleSupplier error,
        double tolerance) {
}
