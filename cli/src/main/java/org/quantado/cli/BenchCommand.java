package org.quantado.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

import org.quantado.bench.MatmulGrid;
import org.quantado.bench.MatmulReport;
import org.quantado.bench.MatmulResult;
import org.quantado.bench.WeightFormat;
import org.quantado.bench.WeightShape;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures products on the device. */
@Command(name = "bench", description = "Measure products of batches with quantized weights, as shares of what the device does at most.")
final class BenchCommand implements Callable<Integer> {
    private static final int MAX_SIZE = 1 << 20;

    @Option(names = "--format", split = ",", paramLabel = "FORMAT", description = "Formats of the weight: ${COMPLETION-CANDIDATES}; otherwise all.")
    private List<WeightFormat> formats = Arrays.asList(WeightFormat.values());

    @Option(names = "--n", paramLabel = "N", description = "Outputs, together with --k; otherwise 4096 x 4096, 14336 x 4096 and 4096 x 14336.")
    private Integer outputs;

    @Option(names = "--k", paramLabel = "K", description = "Inputs.")
    private Integer inputs;

    @Option(names = "--batch", split = ",", paramLabel = "M", description = "Rows of x; otherwise 1, 4, 16, 64 and 512.")
    private List<Integer> batches = MatmulGrid.BATCHES;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "1", description = "How long to repeat each; 1 unless given.")
    private double seconds;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
        requireSize("--batch", batches);
        List<WeightShape> shapes = shapes();
        RunningEngine engine = engineOptions.start();
        try {
            MatmulReport report = new MatmulGrid(formats, shapes, batches, seconds).run(this::showProgress);
            output.print(new BenchReport(engine, report));
            return ExitCode.DONE;
        } catch (IllegalStateException e) {
            throw new CommandException(ExitCode.CHECK_FAILED, e.getMessage(), e);
        }
    }

    private List<WeightShape> shapes() {
        if (outputs == null && inputs == null) {
            return MatmulGrid.SHAPES;
        }
        if (outputs == null || inputs == null) {
            throw new CommandException(ExitCode.BAD_USAGE, "--n and --k go together");
        }
        requireSize("--n, --k", List.of(outputs, inputs));
        return List.of(new WeightShape(outputs, inputs));
    }

    private static void requireSize(String option, List<Integer> sizes) {
        if (sizes.stream().anyMatch(size -> size < 1 || size > MAX_SIZE)) {
            throw new CommandException(ExitCode.BAD_USAGE,
                    option + ": found " + sizes + ", expected numbers from 1 to " + MAX_SIZE);
        }
    }

    private void showProgress(MatmulResult result) {
        output.complain(String.format(Locale.ROOT, "%s %d x %d, batch %d: %.3f ms", Names.of(result.format()),
                result.outputs(), result.inputs(), result.batch(), result.wall().best() * 1e-6));
    }
}
