package org.quantado.cli.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Output;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the layers of checkpoints and checks them. */
@Command(name = "inspect", description = "Show layers, schemes and sizes, and check all that can be checked without running.", footer = {
        "", "Example:", "  quantado inspect Llama-3.2-1B-NVFP4A16", "", ExitCode.HELP})
public final class InspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", converter = ModelFolder.class, arity = "1..*", description = "Models, each "
            + ModelFolder.HELP + "; or safetensors files.")
    private List<Path> paths;

    @Option(names = "--time", description = "Load every layer that can be run, and say how fast that is and how much memory it takes.")
    private boolean time;

    @Option(names = "--all", description = "Print a line for each layer; otherwise layers that are alike in all blocks share one.")
    private boolean all;

    @Option(names = "--context", paramLabel = "N", description = "Tokens that a model is to have room for, when its memory is reckoned; otherwise as many as it allows, up to 4096.")
    private Integer context;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        if (context != null && context < 1) {
            throw new CommandException(ExitCode.BAD_USAGE, "--context: found " + context + ", expected 1 or more");
        }
        OptionalInt positions = context == null ? OptionalInt.empty() : OptionalInt.of(context);
        Optional<RunningEngine> engine = time ? Optional.of(engineOptions.start()) : Optional.empty();
        List<Inspection> inspections = new ArrayList<>();
        for (Path path : paths) {
            Inspection inspection = Inspection.of(path, positions);
            inspections.add(engine.isPresent() ? inspection.timed(engine.get()) : inspection);
        }
        output.print(new InspectReport(inspections, all));
        List<String> problems = inspections.stream().flatMap(inspection -> inspection.problems().stream())
                .toList();
        if (problems.isEmpty()) {
            return ExitCode.DONE;
        }
        output.complain(problems.getFirst()
                + (problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more)"));
        return ExitCode.BAD_INPUT;
    }
}
