package org.quantado.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * What came of the demo.
 *
 * @param engine what ran it
 * @param checkpoint where it lies, if it was kept
 * @param rows tokens that each layer was given
 * @param results of each form and layer
 * @param passed whether all errors are what their format allows
 */
record DemoReport(RunningEngine engine, String checkpoint, int rows, List<DemoResult> results, boolean passed)
        implements
            Report {
    private static final double MEGABYTE = 1 << 20;

    @Override
    public void print(PrintWriter out) {
        out.println("Layers of a bf16 checkpoint, quantized while loading and run on " + rows + " tokens by " + engine);
        if (checkpoint != null) {
            out.println("The checkpoint is in " + checkpoint);
        }
        out.println();
        Table table = new Table("form", "layer", "N x K", "MB bf16", "MB", "SQNR dB", "worst error", "load ms",
                "run ms",
                "");
        for (DemoResult result : results) {
            table.row(result.form(), result.layer(), result.outputs() + " x " + result.inputs(),
                    number("%.2f", result.checkpointBytes() / MEGABYTE), number("%.2f", result.bytes() / MEGABYTE),
                    number("%.1f", result.sqnr()), number("%.2g", result.worstError()),
                    number("%.1f", result.prepareMillis()), number("%.2f", result.applyMillis()),
                    result.passed() ? "ok" : "FAILED");
        }
        table.print(out);
        out.println();
        out.println(passed
                ? "Every result is within what its format allows, compared with float64."
                : "FAILED: a result is beyond what its format allows.");
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
