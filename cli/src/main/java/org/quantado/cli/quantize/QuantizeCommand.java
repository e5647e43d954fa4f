package org.quantado.cli.quantize;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import org.quantado.cli.engine.ClusterOptions;
import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Millis;
import org.quantado.cli.report.Output;
import org.quantado.cli.report.Progress;
import org.quantado.models.calibrate.CalibrationProgress;
import org.quantado.models.calibrate.CalibrationText;
import org.quantado.moe.family.KeptModules;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Observer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.quantize.QuantizationRequest.Assignment;
import org.quantado.schemes.quantize.QuantizationResult;

import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Quantizes the weights of a checkpoint. */
@Command(name = "quantize", description = "Quantize a checkpoint into one in the compressed-tensors format, which vLLM loads, too. What an interrupted run has finished is in OUT.partial; the same command goes on from there.", footer = {
        "", "Example:", "  quantado quantize IN OUT --preset MXFP8 --group 'W4A16=re:.*mlp.*'",
        "  quantado quantize IN OUT --preset W4A16 --algorithm gptq --calibration text.txt", "", ExitCode.HELP})
public final class QuantizeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "IN", converter = ModelFolder.class, description = "A model in bf16, f16 or f32: "
            + ModelFolder.HELP + ".")
    private Path in;

    @Parameters(index = "1", paramLabel = "OUT", description = "Folder to be written, which does not exist.")
    private Path out;

    @Option(names = "--preset", paramLabel = "PRESET", completionCandidates = PresetNames.class, description = "How layers are quantized: ${COMPLETION-CANDIDATES}.")
    private String preset;

    @Option(names = "--targets", paramLabel = "LAYERS", converter = TargetList.Converter.class, defaultValue = "Linear", description = "Layers for --preset: names, re:EXPRESSION, or Linear for all (the default), with commas between.")
    private TargetList targets;

    @Option(names = "--ignore", paramLabel = "LAYERS", converter = TargetList.Converter.class, defaultValue = "lm_head", description = "Layers that are left alone; replaces the usual list, which is lm_head.")
    private TargetList ignore;

    @Option(names = "--group", paramLabel = "PRESET=LAYERS", converter = GroupConverter.class, description = "Another preset for some layers, which goes before --preset; any number of these.")
    private List<Assignment> groups = new ArrayList<>();

    @Option(names = "--observer", paramLabel = "OBSERVER", defaultValue = "minmax", description = "How scales are found: minmax (the default), or mse, which also tries narrower ranges and takes the one with the least squared error.")
    private Observer observer;

    @Option(names = "--report", paramLabel = "DIR", description = "Write a page on the error of each layer, index.html, and its numbers, report.json, into this folder.")
    private Path report;

    @Mixin
    private CalibrationOptions calibration;

    @Mixin
    private ClusterOptions clusterOptions;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    private static final class PresetNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Preset.names().iterator();
        }
    }

    private static final class GroupConverter implements ITypeConverter<Assignment> {
        @Override
        public Assignment convert(String text) {
            int equals = text.indexOf('=');
            List<Target> targets = TargetList.parse(text.substring(equals + 1)).targets();
            if (equals < 1 || targets.isEmpty()) {
                throw new TypeConversionException("found '" + text + "', expected PRESET=LAYERS");
            }
            return new Assignment(Preset.named(text.substring(0, equals)), targets);
        }
    }

    @Override
    public Integer call() throws IOException {
        calibration.requireText();
        QuantizationRequest request = request();
        if (!calibration.hasText()) {
            quantize(request, Optional.empty());
            return ExitCode.DONE;
        }
        engineOptions.start();
        CalibrationText text = calibration.draw(in);
        try (SampleProgress progress = new SampleProgress()) {
            quantize(request.calibratedBy(calibration.calibrator(in, text, report != null, progress)),
                    Optional.of(calibration.heldBack(text)));
        }
        return ExitCode.DONE;
    }

    private void quantize(QuantizationRequest request, Optional<List<int[]>> heldBack) throws IOException {
        Path page = report == null ? null : reportFolder();
        long start = System.nanoTime();
        QuantizationResult result;
        try (ByteProgress progress = new ByteProgress()) {
            result = quantize(request, progress);
        } catch (IOException | RuntimeException e) {
            forget(page);
            throw e;
        }
        double seconds = Millis.between(start, System.nanoTime()) / 1000;
        Optional<Loss> loss = heldBack.filter(samples -> !samples.isEmpty())
                .map(samples -> Loss.measure(in, out, samples));
        if (page != null) {
            ErrorPage.write(page, result, request, loss, LocalDate.now(ZoneId.systemDefault()));
        }
        output.print(QuantizeReport.of(in, result, loss, page, seconds));
    }

    private QuantizationResult quantize(QuantizationRequest request, QuantizationProgress progress)
            throws IOException {
        Optional<Cluster> cluster = clusterOptions.connect();
        if (cluster.isEmpty()) {
            return CheckpointQuantizer.quantize(in, out, request, progress);
        }
        try (Cluster connected = cluster.get()) {
            return CheckpointQuantizer.quantize(in, out, request, progress, connected);
        }
    }

    private QuantizationRequest request() {
        List<Assignment> assignments = new ArrayList<>(groups);
        if (preset != null) {
            assignments.add(new Assignment(Preset.named(preset), targets.targets()));
        }
        if (assignments.isEmpty() && !calibration.hasCache()) {
            throw new CommandException(ExitCode.BAD_USAGE,
                    "found neither --preset nor --group, expected one of them; presets: "
                            + String.join(", ", Preset.names()));
        }
        return new QuantizationRequest(assignments, ignore.targets(), kept(), observer, calibration.recorded(),
                Optional.empty());
    }

    private List<Target> kept() {
        Path config = in.resolve(Checkpoint.CONFIG_FILE_NAME);
        return Files.exists(config) ? KeptModules.of(config) : List.of();
    }

    /** A folder for a page that will not be there goes, if it is as it was made. */
    private static void forget(Path page) throws IOException {
        if (page != null) {
            try (Stream<Path> files = Files.list(page)) {
                if (files.findAny().isPresent()) {
                    return;
                }
            }
            Files.delete(page);
        }
    }

    /** A folder of its own, made at once, so that hours of work do not end for want of one. */
    private Path reportFolder() throws IOException {
        Path folder = report.toAbsolutePath().normalize();
        for (Path checkpoint : List.of(in, out)) {
            if (folder.startsWith(checkpoint.toAbsolutePath().normalize())) {
                throw new CommandException(ExitCode.BAD_USAGE,
                        "--report: found " + report + ", expected a folder outside of " + checkpoint);
            }
        }
        return Files.createDirectories(folder);
    }

    /** The bar that belongs to a quantization. */
    private final class ByteProgress implements QuantizationProgress, AutoCloseable {
        private Progress bar;

        @Override
        public void warn(String sentence) {
            output.warn(sentence);
        }

        @Override
        public void begin(long bytes) {
            bar = Progress.startBytes("Quantizing", bytes);
        }

        @Override
        public void advance(String tensor, long bytes) {
            bar.step(bytes);
        }

        @Override
        public void units(int done, int all) {
            bar.say(done + " of " + all + " units");
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }

    /** The bar that belongs to a calibration. */
    private static final class SampleProgress implements CalibrationProgress, AutoCloseable {
        private Progress bar;

        @Override
        public void begin(int layer, int layers, long samples) {
            if (bar == null) {
                bar = Progress.start("Calibrating", samples);
            }
            bar.say("layer " + (layer + 1) + " of " + layers);
        }

        @Override
        public void samples(int count) {
            if (bar != null) {
                bar.step(count);
            }
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
