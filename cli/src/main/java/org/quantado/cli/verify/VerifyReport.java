package org.quantado.cli.verify;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;

/**
 * What came of a verification.
 *
 * @param engine what ran the layers
 * @param folders in the order in which they were asked for
 * @param passed whether all is within tolerance
 */
record VerifyReport(RunningEngine engine, List<VerifiedFolder> folders, boolean passed) implements Report {
    @Override
    public void print(PrintWriter out) {
        out.println("Run by " + engine);
        out.println();
        Table table = new Table("folder", "layer", "scheme", "M", "N", "K", "error/tolerance", "SQNR dB", "load ms",
                "run ms", "");
        folders.forEach(folder -> {
            folder.layers().forEach(layer -> table.row(folder.path(), layer.layer(), layer.scheme(), layer.rows(),
                    layer.outputs(), layer.inputs(), number("%.3f", layer.worstError()), number("%.1f", layer.sqnr()),
                    number("%.1f", layer.prepareMillis()), number("%.1f", layer.applyMillis()),
                    layer.passed() ? "ok" : "FAILED"));
            if (folder.error() != null) {
                table.row(folder.path(), "", "", "", "", "", "", "", "", "", "FAILED");
            }
        });
        table.print(out);
        long layers = folders.stream().mapToLong(folder -> folder.layers().size()).sum();
        out.println();
        out.println(layers + " layers of " + folders.size() + " folders: "
                + (passed ? "all within tolerance" : "FAILED"));
    }

    private static String number(String format, Double value) {
        return value == null ? "" : String.format(Locale.ROOT, format, value);
    }
}
