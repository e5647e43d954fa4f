package org.quantado.cli;

import java.io.PrintWriter;
import java.util.Locale;

import org.quantado.bench.MatmulReport;
import org.quantado.bench.MatmulResult;

/**
 * What bench measured.
 *
 * @param engine that ran the kernels
 * @param measured all of it
 */
record BenchReport(RunningEngine engine, MatmulReport measured) implements Report {
    @Override
    public void print(PrintWriter out) {
        out.println("On " + engine + ", because " + measured.reason());
        out.printf(Locale.ROOT, "At most %.1f GB/s read and %.0f GFLOP/s of multiply-adds, measured in this run%n%n",
                measured.peaks().readBytesPerSecond() * 1e-9, measured.peaks().flopPerSecond() * 1e-9);
        Table table = new Table("format", "n", "k", "batch", "kernels ms", "call ms", "median ms", "GB/s", "of read",
                "GFLOP/s", "of compute", "overhead us", "extra bytes", "error");
        for (MatmulResult r : measured.results()) {
            table.row(Names.of(r.format()), r.outputs(), r.inputs(), r.batch(),
                    format("%.3f", r.kernels().best() * 1e-6), format("%.3f", r.wall().best() * 1e-6),
                    format("%.3f", r.wall().median() * 1e-6), format("%.1f", r.bytesPerSecond() * 1e-9),
                    format("%.2f", r.readShare()), format("%.1f", r.flopPerSecond() * 1e-9),
                    format("%.2f", r.flopShare()), format("%.0f", r.overheadMicros()), r.extraBytes(),
                    format("%.0e", r.error()));
        }
        table.print(out);
        out.println();
        out.println("Rates are of the best call; GB/s counts the weight's bytes in a checkpoint, once per call.");
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
