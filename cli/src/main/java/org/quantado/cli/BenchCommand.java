package org.quantado.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

import org.quantado.bench.Bench;
import org.quantado.bench.BenchRun;
import org.quantado.bench.Measurements;
import org.quantado.bench.Result;
import org.quantado.bench.WrongResultException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures work on the device. */
@Command(name = "bench", description = "Measure work on the device, as shares of what the device does at most.")
final class BenchCommand implements Callable<Integer> {
    private static final double MAX_SECONDS = 3600;
    private static final String SVG = ".svg";

    @Mixin
    private BenchOptions options;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "1", description = "How long to repeat each; 1 unless given.")
    private double seconds;

    @Option(names = "--plot", paramLabel = "F.svg", description = "Draw the rates over operations per byte, below what the device does at most, into this file.")
    private Path plot;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
            throw new CommandException(ExitCode.BAD_USAGE,
                    "--seconds: found " + seconds + ", expected a number from 0 to " + MAX_SECONDS);
        }
        List<Bench> benches = options.benches();
        WholeFile picture = plot == null ? null : picture();
        RunningEngine engine = engineOptions.start();
        Measurements measured = measure(benches);
        if (picture != null) {
            picture.write(RooflinePicture.draw(engine, measured));
        }
        output.print(new BenchReport(engine, measured));
        return ExitCode.DONE;
    }

    private WholeFile picture() throws IOException {
        if (!plot.toString().endsWith(SVG)) {
            throw new CommandException(ExitCode.BAD_USAGE, "--plot: found " + plot + ", expected a name that ends in "
                    + SVG);
        }
        return WholeFile.of(plot);
    }

    private Measurements measure(List<Bench> benches) {
        try {
            return new BenchRun(benches, seconds).run(this::showProgress);
        } catch (WrongResultException e) {
            throw new CommandException(ExitCode.CHECK_FAILED, e.getMessage(), e);
        }
    }

    private void showProgress(Result result) {
        output.complain(String.format(Locale.ROOT, "%s: %.3f ms", BenchReport.describe(result.subject()),
                result.wall().best() * 1e-6));
    }
}
