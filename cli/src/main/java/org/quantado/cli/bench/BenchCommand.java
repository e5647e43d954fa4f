package org.quantado.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.quantado.bench.Bench;
import org.quantado.bench.BenchRun;
import org.quantado.bench.Measurements;
import org.quantado.bench.gptq.GptqBench;
import org.quantado.bench.gptq.GptqResults;
import org.quantado.bench.Result;
import org.quantado.bench.model.ModelBench;
import org.quantado.bench.model.ModelMeasurements;
import org.quantado.bench.tuning.Trial;
import org.quantado.bench.tuning.Tuner;
import org.quantado.bench.tuning.Tuning;
import org.quantado.bench.workloads.WeightShape;
import org.quantado.bench.WrongResultException;
import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Names;
import org.quantado.cli.report.Output;
import org.quantado.kernels.engine.Conf;
import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.matmul.DeviceFile;
import org.quantado.kernels.matmul.FlavourChoice;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures work on the device. */
@Command(name = "bench", description = "Measure work on the device, as shares of what the device does at most.", footer = {
        "", "Example:", "  quantado bench --op gemv,gemm --format mxfp4 --n 4096 --k 4096 --batch 1,64", "",
        ExitCode.HELP})
public final class BenchCommand implements Callable<Integer> {
    private static final double MAX_SECONDS = 3600;
    private static final String SVG = ".svg";
    private static final String TUNE = "--tune";
    /** Options of which tuning tries all, or which it has no use for. */
    private static final List<String> CHOSEN_BY_TUNE = List.of("--op", "--format", "--batch", "--experts", "--plot",
            "--flavour");

    @Mixin
    private BenchOptions options;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "1", description = "How long to repeat each; 1 unless given.")
    private double seconds;

    @Option(names = "--plot", paramLabel = "F.svg", description = "Draw the rates over operations per byte, below what the device does at most, into this file.")
    private Path plot;

    @Option(names = TUNE, description = "Instead, try what there is to choose for the device, and write the fastest into a file of its own in conf/devices. Goes with --n, --k and --seconds.")
    private boolean tune;

    @Option(names = "--wide", description = "Print all that was measured, on lines of more than 100 columns.")
    private boolean wide;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
            throw new CommandException(ExitCode.BAD_USAGE,
                    "--seconds: found " + seconds + ", expected a number from 0 to " + MAX_SECONDS);
        }
        if (tune) {
            tune();
            return ExitCode.DONE;
        }
        List<ModelBench> models = options.models(seconds);
        if (!models.isEmpty()) {
            measureModels(models);
            return ExitCode.DONE;
        }
        Optional<GptqBench> gptq = options.gptq(seconds);
        if (gptq.isPresent()) {
            measureGptq(gptq.get());
            return ExitCode.DONE;
        }
        List<Bench> benches = options.benches();
        WholeFile picture = plot == null ? null : picture();
        RunningEngine engine = engineOptions.start();
        Measurements measured = measure(benches);
        if (picture != null) {
            picture.write(RooflinePicture.draw(engine, measured));
        }
        output.print(new BenchReport(engine, measured, wide));
        return ExitCode.DONE;
    }

    private void measureModels(List<ModelBench> models) throws IOException {
        if (plot != null) {
            throw new CommandException(ExitCode.BAD_USAGE, "--plot does not go with --op model");
        }
        RunningEngine engine = engineOptions.start();
        List<ModelMeasurements> measured = new ArrayList<>();
        for (ModelBench model : models) {
            output.complain(model.shape().title() + ", " + Names.of(model.format()) + " ...");
            measured.add(model.run());
        }
        output.print(new ModelReport(engine, FlavourChoice.forDevice().reason(), measured));
    }

    private void measureGptq(GptqBench bench) {
        if (plot != null) {
            throw new CommandException(ExitCode.BAD_USAGE, "--plot does not go with --op gptq");
        }
        RunningEngine engine = engineOptions.start();
        try {
            GptqResults results = bench
                    .run(layer -> output.complain(String.format(Locale.ROOT, "gptq n=%d k=%d: %.1f s",
                            layer.outputs(), layer.inputs(), layer.seconds())));
            output.print(new GptqReport(engine, FlavourChoice.forDevice().reason(), results));
        } catch (WrongResultException e) {
            throw new CommandException(ExitCode.CHECK_FAILED, e.getMessage(), e);
        }
    }

    private void tune() throws IOException {
        for (String option : CHOSEN_BY_TUNE) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new CommandException(ExitCode.BAD_USAGE, option + " does not go with " + TUNE);
            }
        }
        WeightShape shape = options.shape().orElse(Tuner.SHAPE);
        RunningEngine engine = engineOptions.start();
        WholeFile file = settingsFile();
        Tuning tuning = new Tuner(shape, seconds).run(this::showProgress);
        file.write("# The fastest settings that quantado bench " + TUNE + " found for this device, "
                + engine.deviceName() + ".\n" + tuning.chosen().toFile());
        output.print(TuneReport.of(engine, file.path().toString(), tuning));
    }

    private static WholeFile settingsFile() throws IOException {
        Path file = Conf.userFile(DeviceFile.own(Engine.device())).orElseThrow(() -> new CommandException(
                ExitCode.BAD_USAGE, TUNE + " needs a folder of settings: start the program by the quantado launcher, or"
                        + " with -D" + Conf.FOLDER_PROPERTY + "=DIR"));
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.exists(folder)) {
            Files.createDirectory(folder);
        }
        return WholeFile.of(file);
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

    private void showProgress(Trial trial) {
        output.complain(String.format(Locale.ROOT, "%s, %d rows, flavour %s, %d rows together: %.3f ms",
                Names.of(trial.format()), trial.rows(), Names.of(trial.flavour()), trial.rowsPerBlock(),
                trial.nanos() * 1e-6));
    }

    private void showProgress(Result result) {
        output.complain(String.format(Locale.ROOT, "%s: %.3f ms", BenchReport.describe(result.subject()),
                result.wall().best() * 1e-6));
    }
}
