package org.quantado.cli.bench;

import java.io.PrintWriter;
import java.util.Locale;

import org.quantado.bench.gptq.GptqResults;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;

/**
 * What GPTQ took.
 *
 * @param engine that ran the kernels
 * @param reason why with these kernels
 * @param measured layers, and what follows for models
 */
record GptqReport(RunningEngine engine, String reason, GptqResults measured) implements Report {
    private static final double MINUTE = 60;

    @Override
    public void print(PrintWriter out) {
        out.println("On " + engine + ", because " + reason);
        out.printf(Locale.ROOT, "At most %.0f GFLOP/s%n%n", measured.flopPerSecond() * 1e-9);
        Table layers = new Table("outputs", "inputs", "Hessian s", "kernels s", "of compute", "factor s", "columns s",
                "layer s");
        measured.layers().forEach(layer -> layers.row(layer.outputs(), layer.inputs(), seconds(layer.hessianSeconds()),
                seconds(layer.hessianKernelSeconds()), String.format(Locale.ROOT, "%.2f", layer.multiplyAddShare()),
                seconds(layer.factorSeconds()), seconds(layer.columnSeconds()), seconds(layer.seconds())));
        layers.print(out);
        out.println();
        measured.layers().forEach(layer -> out.printf(Locale.ROOT,
                "n=%d k=%d: Hessians from %d of %d tokens, columns from %d of %d outputs%n", layer.outputs(),
                layer.inputs(), layer.measuredTokens(), layer.tokens(), layer.measuredOutputs(), layer.outputs()));
        measured.estimates().forEach(model -> out.printf(Locale.ROOT,
                "%s, estimated: %.0f minutes (Hessians %.0f, factors %.0f, columns %.0f), without running the model%n",
                model.model(), model.seconds() / MINUTE, model.hessianSeconds() / MINUTE,
                model.factorSeconds() / MINUTE,
                model.columnSeconds() / MINUTE));
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
