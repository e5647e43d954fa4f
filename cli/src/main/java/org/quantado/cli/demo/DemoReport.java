package org.quantado.cli.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;

/**
 * What came of the demo.
 *
 * @param engine what ran it
 * @param folder where the checkpoints are, if they were kept
 * @param rows tokens that each layer was given
 * @param unquantizedBytes of the checkpoint that was quantized
 * @param results of each form and layer
 * @param notRun forms that no kernel runs
 * @param passed whether all errors are what their format allows
 */
record DemoReport(RunningEngine engine, String folder, int rows, long unquantizedBytes, List<DemoResult> results,
        List<NotRun> notRun, boolean passed) implements Report {
    private static final double MEGABYTE = 1 << 20;

    /** A form that no kernel runs, and why. */
    record NotRun(String form, String reason) {
    }

    @Override
    public void print(PrintWriter out) {
        out.println(String.format(Locale.ROOT, "A bf16 checkpoint of %.1f MB, quantized with every preset and run on %d"
                + " tokens by %s", unquantizedBytes / MEGABYTE, rows, engine));
        if (folder != null) {
            out.println("The checkpoints are in " + folder);
        }
        out.println();
        Map<String, List<DemoResult>> forms = new LinkedHashMap<>();
        results.forEach(result -> forms.computeIfAbsent(result.form(), form -> new ArrayList<>()).add(result));
        List<String> headings = new ArrayList<>(List.of("preset", "MB", "MB on device", "SQNR dB", "worst error"));
        DemoCheckpoint.LAYERS.forEach(layer -> headings.add(layer.name().substring(layer.name().lastIndexOf('.') + 1)
                + " ms"));
        headings.add("");
        Table table = new Table(headings.toArray(String[]::new));
        forms.forEach((form, layers) -> table.row(row(form, layers).toArray()));
        table.print(out);
        out.println();
        notRun.forEach(form -> out.println(form.form + " was not run: " + form.reason));
        out.println("SQNR and error of the worst layer, against the unquantized weights in float64; time of a run");
        out.println(passed
                ? "Every error is what its format allows, and none comes from the kernels"
                : "FAILED: an error is more than its format allows (--json shows which)");
    }

    private static List<Object> row(String form, List<DemoResult> layers) {
        List<Object> row = new ArrayList<>(List.of(form,
                number("%.2f", sum(layers, DemoResult::checkpointBytes) / MEGABYTE),
                number("%.2f", sum(layers, DemoResult::deviceBytes) / MEGABYTE),
                number("%.1f", layers.stream().mapToDouble(DemoResult::sqnr).min().orElseThrow()),
                number("%.3f", layers.stream().mapToDouble(DemoResult::worstError).max().orElseThrow())));
        layers.forEach(layer -> row.add(number("%.2f", layer.applyMillis())));
        row.add(layers.stream().allMatch(DemoResult::passed) ? "ok" : "FAILED");
        return row;
    }

    private static double sum(List<DemoResult> layers, ToDoubleFunction<DemoResult> value) {
        return layers.stream().mapToDouble(value).sum();
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
