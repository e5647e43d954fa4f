package org.quantado.cli.quantize;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.checkpoint.Escaped;
import org.quantado.schemes.cluster.WorkerRate;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.quantize.LayerError;
import org.quantado.schemes.quantize.QuantizationResult;

/**
 * What {@code quantize} did.
 *
 * @param input folder that was read
 * @param output folder that was written
 * @param groups the groups of its config
 * @param layers the layers that were quantized
 * @param inputBytes size of the tensors before
 * @param outputBytes size of the tensors after
 * @param layersDoneBefore how many layers an interrupted run had finished
 * @param leftOut what was not copied, by path, and why
 * @param warnings what to know before it is used
 * @param calibrators the processes of the cluster that ran samples; empty if there were none
 * @param workers those that quantized weights; empty if there was no cluster
 * @param loss what was lost on samples that were held back; none if it was not measured
 * @param page where the report is, if one was asked for
 * @param seconds how long it took
 */
record QuantizeReport(String input, String output, List<Group> groups, List<Layer> layers, long inputBytes,
        long outputBytes, int layersDoneBefore, Map<String, String> leftOut, List<String> warnings,
        List<Calibrator> calibrators, List<Worker> workers, Loss loss, String page, double seconds) implements Report {
    private static final double PERCENT = 100;

    /**
     * Layers that are quantized alike.
     *
     * @param name in the config
     * @param format of the weights
     * @param layers how many
     * @param leastSqnr lowest signal to noise ratio of them, in dB
     * @param leastSqnrLayer the layer that has it
     */
    record Group(String name, String format, int layers, Double leastSqnr, String leastSqnrLayer) {
        static Group of(ConfigGroup group, List<LayerError> errors) {
            List<LayerError> own = errors.stream().filter(error -> error.group().equals(group.name())).toList();
            LayerError worst = own.stream().min(Comparator.comparingDouble(LayerError::sqnr)).orElseThrow();
            return new Group(group.name(), group.format().map(CompressionFormat::jsonName).orElse(""), own.size(),
                    finite(worst.sqnr()), worst.layer());
        }
    }

    /**
     * A layer.
     *
     * @param name full name
     * @param group its config group
     * @param rows outputs
     * @param columns inputs
     * @param sqnr signal to noise ratio of the weight in dB; none where nothing was lost
     * @param maxError largest magnitude of an error
     */
    record Layer(String name, String group, int rows, int columns, Double sqnr, float maxError) {
    }

    /**
     * A process of a cluster.
     *
     * @param name with that of its machine
     * @param tasks that it did
     * @param inputBytes size of the weights that it quantized
     * @param seconds of its tasks together
     * @param inputBytesPerSecond how fast a task of it was
     */
    record Worker(String name, int tasks, long inputBytes, double seconds, double inputBytesPerSecond) {
        static Worker of(WorkerRate rate) {
            return new Worker(rate.worker(), rate.tasks(), rate.work(), rate.seconds(), rate.perSecond());
        }
    }

    /**
     * A process of a cluster.
     *
     * @param name with that of its machine
     * @param tasks that it did
     * @param samples that it ran through layers, each layer's counted
     * @param seconds of its tasks together
     * @param samplesPerSecond how fast a task of it was
     */
    record Calibrator(String name, int tasks, long samples, double seconds, double samplesPerSecond) {
        static Calibrator of(WorkerRate rate) {
            return new Calibrator(rate.worker(), rate.tasks(), rate.work(), rate.seconds(), rate.perSecond());
        }
    }

    static QuantizeReport of(Path in, QuantizationResult result, Optional<Loss> loss, Path page,
            double seconds) {
        return new QuantizeReport(in.toString(), result.folder().toString(),
                result.config().groups().stream().map(group -> Group.of(group, result.layers())).toList(),
                result.layers().stream().map(error -> new Layer(error.layer(), error.group(), error.rows(),
                        error.columns(), finite(error.sqnr()), error.maxError())).toList(),
                result.inputBytes(), result.outputBytes(), result.layersDoneBefore(), result.leftOut(),
                result.warnings(), result.calibrators().stream().map(Calibrator::of).toList(),
                result.workers().stream().map(Worker::of).toList(), loss.orElse(null),
                page == null ? null : page.resolve(ErrorPage.PAGE).toString(), seconds);
    }

    private static Double finite(double sqnr) {
        return Double.isFinite(sqnr) ? sqnr : null;
    }

    @Override
    public void print(PrintWriter out) {
        Table table = new Table("group", "format", "layers", "lowest SQNR [dB]", "of layer");
        for (Group group : groups) {
            table.row(group.name(), group.format(), group.layers(),
                    group.leastSqnr() == null ? "" : String.format(Locale.ROOT, "%.1f", group.leastSqnr()),
                    group.leastSqnrLayer());
        }
        table.print(out);
        out.printf(Locale.ROOT, "%s: %s of %s, in %.1f s%n", Escaped.text(output), ByteSize.text(outputBytes),
                ByteSize.text(inputBytes), seconds);
        if (loss != null) {
            out.printf(Locale.ROOT, "perplexity of %d samples that were held back: %.5f before, %.5f after%n",
                    loss.samples(), loss.perplexityBefore(), loss.perplexityAfter());
            out.printf(Locale.ROOT, "mean KL divergence %.6f nats, same most likely token %.2f%%%n",
                    loss.meanDivergence(), loss.agreement() * PERCENT);
        }
        if (layersDoneBefore > 0) {
            out.printf("%d layers were done before%n", layersDoneBefore);
        }
        if (!calibrators.isEmpty()) {
            Table rates = new Table("executor", "tasks", "samples x layers", "of a task, in a second");
            calibrators.forEach(calibrator -> rates.row(calibrator.name(), calibrator.tasks(), calibrator.samples(),
                    String.format(Locale.ROOT, "%.1f", calibrator.samplesPerSecond())));
            rates.print(out);
        }
        if (!workers.isEmpty()) {
            Table rates = new Table("executor", "tasks", "weights", "of a task, in a second");
            workers.forEach(worker -> rates.row(worker.name(), worker.tasks(), ByteSize.text(worker.inputBytes()),
                    ByteSize.text(Math.round(worker.inputBytesPerSecond()))));
            rates.print(out);
        }
        if (!leftOut.isEmpty()) {
            out.println("not copied: " + leftOut.entrySet().stream()
                    .map(file -> Escaped.text(file.getKey()) + " (" + file.getValue() + ")")
                    .collect(Collectors.joining(", ")));
        }
        if (page != null) {
            out.println("report: " + page);
        }
    }
}
