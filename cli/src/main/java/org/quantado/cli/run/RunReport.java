package org.quantado.cli.run;

import java.io.PrintWriter;
import java.util.Locale;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;

/**
 * What was run.
 *
 * @param layer its name
 * @param x shape of the input
 * @param y shape of the output
 * @param output file that was written
 * @param engine what ran it
 * @param prepareMillis time to load the layer
 * @param applyMillis time of the run, compilation of the kernels included
 */
record RunReport(String layer, String x, String y, String output, RunningEngine engine, double prepareMillis,
        double applyMillis) implements Report {
    @Override
    public void print(PrintWriter out) {
        out.println(layer + ": x " + x + " -> y " + y + " in " + output);
        out.println(String.format(Locale.ROOT, "%s; loaded in %.1f ms, run in %.1f ms", engine, prepareMillis,
                applyMillis));
    }
}
