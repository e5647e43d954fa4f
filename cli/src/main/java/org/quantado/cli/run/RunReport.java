package org.quantado.cli.run;

import java.io.PrintWriter;
import java.util.Locale;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.schemes.checkpoint.Escaped;

/**
 * What was run.
 *
 * @param layer its name
 * @param x shape of the input
 * @param y shape of the output
 * @param output file that was written
 * @param engine what ran it
 * @param prepareMillis time to load the layer
 * @param firstMillis time of the first call, which compiles the kernels
 * @param applyMillis time of a second call
 */
record RunReport(String layer, String x, String y, String output, RunningEngine engine, double prepareMillis,
        double firstMillis, double applyMillis) implements Report {
    @Override
    public void print(PrintWriter out) {
        out.println(Escaped.text(layer) + ": x " + x + " -> y " + y + " in " + Escaped.text(output));
        out.println(
                String.format(Locale.ROOT, "%s; loaded in %.1f ms, first call (compiles) %.1f ms, second call %.1f ms",
                        engine, prepareMillis, firstMillis, applyMillis));
    }
}
