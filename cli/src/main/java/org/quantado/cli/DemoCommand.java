package org.quantado.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import org.quantado.schemes.model.Model;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows on a small checkpoint of its own what quantization costs and gives. */
@Command(name = "demo", description = "Quantize and run a small checkpoint; show error, size and time.")
final class DemoCommand implements Callable<Integer> {
    @Option(names = "--keep", paramLabel = "DIR", description = "Keep the checkpoint in this folder.")
    private Path keep;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        RunningEngine engine = engineOptions.start();
        Path folder = keep == null ? Files.createTempDirectory("quantado-demo") : Files.createDirectories(keep);
        try {
            DemoReport report = run(engine, folder);
            output.print(report);
            return report.passed() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
        } finally {
            if (keep == null) {
                delete(folder);
            }
        }
    }

    private DemoReport run(RunningEngine engine, Path folder) throws IOException {
        DemoCheckpoint.write(folder);
        List<DemoResult> results = new ArrayList<>();
        int steps = DemoCheckpoint.LAYERS.size() * DemoForm.ALL.size();
        try (Model model = Model.open(folder); Progress progress = Progress.start("Running layers", steps)) {
            for (DemoCheckpoint.Layer layer : DemoCheckpoint.LAYERS) {
                DemoRun run = new DemoRun(model, layer);
                for (DemoForm form : DemoForm.ALL) {
                    results.add(run.run(form));
                    progress.step();
                }
            }
        }
        return new DemoReport(engine, keep == null ? null : folder.toString(), DemoRun.ROWS, results,
                results.stream().allMatch(DemoResult::passed));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
