package org.quantado.cli.bench;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;

import org.quantado.bench.Measurements;
import org.quantado.bench.Result;
import org.quantado.bench.Subject;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Names;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * What bench measured.
 *
 * @param engine that ran the kernels
 * @param measured all of it
 * @param wide whether people read all that was measured, on longer lines
 */
record BenchReport(RunningEngine engine, Measurements measured, @JsonIgnore boolean wide) implements Report {
    /** Two windows beside each other, or one with larger letters, have no more. */
    private static final int COLUMNS = 100;

    @Override
    public void print(PrintWriter out) {
        printWrapped(out, "On " + engine + ", because " + measured.reason());
        printWrapped(out, format("At most %.1f GB/s read", measured.peaks().readBytesPerSecond() * 1e-9)
                + format(" and %.0f GFLOP/s of multiply-adds, measured in this run",
                        measured.peaks().flopPerSecond() * 1e-9));
        out.println();
        Table table = wide ? wideTable() : narrowTable();
        table.print(out);
        out.println();
        printWrapped(out, "Rates are of the best call. GB/s counts bytes that have to move, once per call: those of the"
                + " weights in a checkpoint (of experts, those that tokens chose), or what goes in and comes out."
                + (wide ? "" : " Shares are of what the device does at most. --wide tells more."));
    }

    private void printWrapped(PrintWriter out, String text) {
        if (wide) {
            out.println(text);
        } else {
            text.replaceAll("(.{1," + COLUMNS + "})( +|$)", "$1\n").lines().forEach(out::println);
        }
    }

    private Table narrowTable() {
        Table table = new Table("op", "format", "size", "rows", "call ms", "GB/s", "share", "GFLOP/s", "share");
        for (Result r : measured.results()) {
            boolean computes = r.flop() > 0;
            table.row(Names.of(r.subject().op()), r.subject().format(), shortSizes(r.subject()), r.subject().rows(),
                    format("%.3f", r.wall().best() * 1e-6), format("%.2f", r.bytesPerSecond() * 1e-9),
                    format("%.2f", r.readShare()), computes ? format("%.1f", r.flopPerSecond() * 1e-9) : "",
                    computes ? format("%.2f", r.flopShare()) : "");
        }
        return table;
    }

    private Table wideTable() {
        Table table = new Table("op", "format", "size", "rows", "kernels ms", "call ms", "median ms", "us/row", "GB/s",
                "of read", "GFLOP/s", "of compute", "overhead us", "extra bytes", "error");
        for (Result r : measured.results()) {
            Subject subject = r.subject();
            boolean computes = r.flop() > 0;
            table.row(Names.of(subject.op()), subject.format(), sizes(subject), subject.rows(),
                    format("%.3f", r.kernels().best() * 1e-6), format("%.3f", r.wall().best() * 1e-6),
                    format("%.3f", r.wall().median() * 1e-6), format("%.2f", r.wall().best() * 1e-3 / subject.rows()),
                    format("%.2f", r.bytesPerSecond() * 1e-9), format("%.2f", r.readShare()),
                    computes ? format("%.1f", r.flopPerSecond() * 1e-9) : "",
                    computes ? format("%.2f", r.flopShare()) : "", format("%.0f", r.overheadMicros()), r.extraBytes(),
                    format("%.0e", r.error()));
        }
        return table;
    }

    /** Several sizes as {@code --experts} takes them. */
    private static String shortSizes(Subject subject) {
        return subject.sizes().size() <= 2
                ? sizes(subject)
                : subject.sizes().values().stream().map(String::valueOf).collect(Collectors.joining(":"));
    }

    /** In a line. */
    static String describe(Subject subject) {
        return Names.of(subject.op()) + " " + subject.format() + " " + sizes(subject) + ", " + subject.rows() + " rows";
    }

    private static String sizes(Subject subject) {
        return subject.sizes().entrySet().stream().map(size -> size.getKey() + "=" + size.getValue())
                .collect(Collectors.joining(" "));
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
