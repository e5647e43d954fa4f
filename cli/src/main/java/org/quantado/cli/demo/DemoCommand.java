package org.quantado.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Output;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows on a small language model of its own what quantization costs and gives. */
@Command(name = "demo", description = "A small model tells a story, is quantized in some ways, and is compared with itself.", footer = {
        "", "Example:", "  quantado demo --json > demo.json", "", ExitCode.HELP})
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--keep", paramLabel = "DIR", description = "Keep the checkpoints in this folder.")
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
            introduce(engine);
            DemoReport report = Demo.run(folder, keep != null, engine, this::tell);
            tell("\n\n");
            output.print(report);
            return ExitCode.DONE;
        } finally {
            if (keep == null) {
                delete(folder);
            }
        }
    }

    private void introduce(RunningEngine engine) {
        tell("The model is " + TalesModel.DESCRIPTION + ".\nIt runs on " + engine + ".\n\n" + Demo.PROMPT);
    }

    /** Prints text for people as it comes. */
    private void tell(String text) {
        if (!output.isJson()) {
            output.out().print(text);
            output.out().flush();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
