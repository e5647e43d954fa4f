package org.quantado.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows the layers of checkpoints and checks them. */
@Command(name = "inspect", description = "Show layers, schemes and sizes, and check all that can be checked without running.")
final class InspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", arity = "1..*", description = "Folders of checkpoints, or safetensors files.")
    private List<Path> paths;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        List<Inspection> inspections = new ArrayList<>();
        for (Path path : paths) {
            inspections.add(Inspection.of(path));
        }
        output.print(new InspectReport(inspections));
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
