package org.quantado.cli.bench;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import org.quantado.bench.model.ModelMeasurements;
import org.quantado.bench.model.ModelTime;
import org.quantado.bench.model.ModelTime.Phase;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Names;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;

/**
 * What whole models took.
 *
 * @param engine that ran the kernels
 * @param reason why with these kernels
 * @param models one by one
 */
record ModelReport(RunningEngine engine, String reason, List<ModelMeasurements> models) implements Report {
    @Override
    public void print(PrintWriter out) {
        out.println("On " + engine + ", because " + reason);
        models.forEach(model -> print(out, model));
        out.println();
        out.println("Of products: what the products with the weights take alone, over the whole call.");
    }

    private static void print(PrintWriter out, ModelMeasurements model) {
        out.println();
        out.printf(Locale.ROOT,
                "%s, %s: %.0f MB on disk, %.0f MB of weights and %.0f MB of cache; loaded in %.1f s, first token %.1f s"
                        + " later, %d kernels compiled%n",
                model.shape().title(), model.format(), megabytes(model.fileBytes()), megabytes(model.weightBytes()),
                megabytes(model.cacheBytes()), model.loadSeconds(), model.firstTokenSeconds(),
                model.kernels());
        Table table = new Table("phase", "tokens", "call ms", "kernels ms", "products ms", "of products", "tokens/s",
                "heap bytes");
        model.times().forEach(time -> table.row(Names.of(time.phase()), time.tokens(), millis(time.wall().best()),
                millis(time.kernels().best()), millis(time.productNanos()), format("%.2f", time.productShare()),
                format("%.1f", time.tokensPerSecond()), time.heapBytes()));
        table.print(out);
        double gain = of(model, Phase.DECODE_MANY).tokensPerSecond() / of(model, Phase.DECODE).tokensPerSecond();
        out.printf(Locale.ROOT, "%d sequences at once: %.2f times the tokens of one%n",
                of(model, Phase.DECODE_MANY).tokens(), gain);
        model.times().forEach(time -> printTasks(out, time));
    }

    private static void printTasks(PrintWriter out, ModelTime time) {
        out.printf("Kernels of %s, in ms:%n", Names.of(time.phase()));
        time.nanosByTask().forEach((graph, tasks) -> out.println("  " + graph + " " + millis(sum(tasks)) + ": "
                + tasks.entrySet().stream().map(task -> task.getKey() + " " + millis(task.getValue()))
                        .collect(Collectors.joining(", "))));
    }

    private static long sum(Map<String, Long> nanos) {
        return nanos.values().stream().mapToLong(Long::longValue).sum();
    }

    private static ModelTime of(ModelMeasurements model, Phase phase) {
        return model.times().stream().filter(time -> time.phase() == phase).findFirst().orElseThrow();
    }

    private static double megabytes(long bytes) {
        return bytes * 1e-6;
    }

    private static String millis(Number nanos) {
        return format("%.3f", nanos.doubleValue() * 1e-6);
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
