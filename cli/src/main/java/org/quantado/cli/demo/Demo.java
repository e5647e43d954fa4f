package org.quantado.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Progress;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.select.Selection.Unsupported;

/** Makes a checkpoint in a folder, quantizes it there in every way, and runs all of them. */
final class Demo {
    /** Tokens that a layer is given at once. */
    static final int ROWS = 8;

    private static final OnlineFormat ONLINE = OnlineFormat.MXFP8;
    private static final String UNQUANTIZED = "bf16";
    private static final String INPUTS = "inputs.safetensors";

    private final Path unquantized;
    private final Path inputs;
    private final Path folder;
    private final List<DemoResult> results = new ArrayList<>();
    private final List<DemoReport.NotRun> notRun = new ArrayList<>();

    private Demo(Path folder) {
        this.folder = folder;
        this.unquantized = folder.resolve(UNQUANTIZED);
        this.inputs = folder.resolve(INPUTS);
    }

    /**
     * Fills a folder and runs what is in it.
     *
     * @param kept whether the folder stays
     */
    static DemoReport run(Path folder, boolean kept, RunningEngine engine) throws IOException {
        Demo demo = new Demo(folder);
        demo.run();
        long bytes;
        try (Checkpoint checkpoint = Checkpoint.open(demo.unquantized)) {
            bytes = checkpoint.infos().values().stream().mapToLong(tensor -> tensor.byteSize()).sum();
        }
        return new DemoReport(engine, kept ? folder.toString() : null, ROWS, bytes, demo.results, demo.notRun,
                demo.results.stream().allMatch(DemoResult::passed));
    }

    private void run() throws IOException {
        Files.createDirectory(unquantized);
        DemoCheckpoint.write(unquantized);
        DemoCheckpoint.writeInputs(inputs, ROWS);
        List<String> presets = Preset.names();
        try (Checkpoint checkpoint = Checkpoint.open(unquantized);
                Checkpoint x = Checkpoint.open(inputs);
                Progress progress = Progress.start("Quantizing and running", presets.size() + 1)) {
            List<DemoLayer> layers = DemoCheckpoint.LAYERS.stream().map(layer -> new DemoLayer(layer, checkpoint, x))
                    .toList();
            run(layers, new DemoForm(ONLINE + " while loading", unquantized, Optional.of(ONLINE)));
            progress.step();
            for (String preset : presets) {
                run(layers, quantize(preset));
                progress.step();
            }
        }
    }

    private DemoForm quantize(String preset) throws IOException {
        Path quantized = folder.resolve(preset.toLowerCase(Locale.ROOT));
        CheckpointQuantizer.quantize(unquantized, quantized,
                QuantizationRequest.of(Preset.named(preset)).calibratedBy(inputs), QuantizationProgress.NONE);
        return new DemoForm(preset, quantized, Optional.empty());
    }

    private void run(List<DemoLayer> layers, DemoForm form) {
        try (Model model = Model.open(form.checkpoint())) {
            String first = DemoCheckpoint.LAYERS.getFirst().name();
            if (model.layer(first).selection() instanceof Unsupported unsupported) {
                notRun.add(new DemoReport.NotRun(form.name(), unsupported.explanation()));
                return;
            }
            for (DemoLayer layer : layers) {
                results.add(layer.run(form, model));
            }
        } catch (SchemeException e) {
            notRun.add(new DemoReport.NotRun(form.name(), e.getMessage()));
        }
    }
}
