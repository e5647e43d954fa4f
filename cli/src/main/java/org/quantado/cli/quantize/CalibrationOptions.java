package org.quantado.cli.quantize;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Names;
import org.quantado.models.calibrate.ActivationObserver;
import org.quantado.models.calibrate.CalibrationProgress;
import org.quantado.models.calibrate.CalibrationText;
import org.quantado.models.calibrate.LayerCalibrator;
import org.quantado.models.calibrate.Recipe;
import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.gptq.GptqOptions;
import org.quantado.schemes.smooth.Awq;
import org.quantado.schemes.smooth.DuoScaling;
import org.quantado.schemes.smooth.SmoothQuant;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of quantizing by what goes through a model. */
public final class CalibrationOptions {
    private static final String RECORDED = ".safetensors";

    @Option(names = "--calibration", paramLabel = "FILE", description = "Text to run the model on: plain, or .jsonl with text or messages on each line. It is needed by --algorithm and by presets with static scales of activations; these also take a .safetensors of recorded inputs, tensors <layer>.x.")
    private Path file;

    @Option(names = "--samples", paramLabel = "N", defaultValue = "512", description = "Samples of the text; 512 by default.")
    private int samples;

    @Option(names = "--sequence-length", paramLabel = "N", defaultValue = "2048", description = "Tokens of a sample, at most; 2048 by default.")
    private int length;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "42", description = "Of the order in which samples are drawn; 42 by default.")
    private long seed;

    @Option(names = "--held-back", paramLabel = "N", defaultValue = "64", description = "Samples that the model is not calibrated on, at most, on which its perplexity before and after is measured; 64 by default, 0 for none.")
    private int heldBack;

    @Option(names = "--algorithm", paramLabel = "ALGORITHM", converter = Algorithms.Converter.class, defaultValue = "rtn", description = "rtn (rounding to nearest, the default), gptq, awq, smoothquant, or one of the latter two with another, as in awq+gptq.")
    private Algorithms algorithms;

    @Option(names = "--block-size", paramLabel = "N", defaultValue = "128", description = "GPTQ: columns that are rounded together; 128 by default.")
    private int blockSize;

    @Option(names = "--dampening", paramLabel = "X", defaultValue = "0.01", description = "GPTQ: share of the mean of the Hessian's diagonal that is added to it; 0.01 by default.")
    private double dampening;

    @Option(names = "--actorder", paramLabel = "ORDER", defaultValue = "weight", description = "GPTQ: order of columns, none, weight (the default) or group.")
    private Order order;

    @Option(names = "--awq-grid", paramLabel = "N", defaultValue = "20", description = "AWQ: scales that are tried; 20 by default.")
    private int grid;

    @Option(names = "--duo-scaling", paramLabel = "WHICH", defaultValue = "on", description = "AWQ: whether weights count, on (the default), off or both.")
    private DuoScaling duoScaling;

    @Option(names = "--smoothing-strength", paramLabel = "X", defaultValue = "0.5", description = "SmoothQuant: how much weights take over, 0 to 1; 0.5 by default.")
    private double strength;

    @Option(names = "--activation-observer", paramLabel = "OBSERVER", description = "How ranges of static activations are found: ${COMPLETION-CANDIDATES}; otherwise as the preset says.")
    private ActivationObserver activations;

    @Option(names = "--kv-cache", paramLabel = "FORMAT", description = "What keys and values are to be cached as, with calibrated scales: ${COMPLETION-CANDIDATES}.")
    private Cache cache;

    /** Orders of columns. */
    private enum Order {
        NONE, WEIGHT, GROUP
    }

    /** What keys and values can be cached as. */
    private enum Cache {
        FP8
    }

    private enum Algorithm {
        RTN, GPTQ, AWQ, SMOOTHQUANT
    }

    /** Algorithms as they are given on the command line, with + between. */
    private record Algorithms(Set<Algorithm> all) {
        static final class Converter implements ITypeConverter<Algorithms> {
            @Override
            public Algorithms convert(String text) {
                Set<Algorithm> all = EnumSet.noneOf(Algorithm.class);
                for (String name : text.split("\\+", -1)) {
                    try {
                        all.add(Algorithm.valueOf(name.toUpperCase(Locale.ROOT)));
                    } catch (IllegalArgumentException e) {
                        throw wrong(text);
                    }
                }
                if (all.containsAll(Set.of(Algorithm.AWQ, Algorithm.SMOOTHQUANT))
                        || all.containsAll(Set.of(Algorithm.RTN, Algorithm.GPTQ))) {
                    throw wrong(text);
                }
                return new Algorithms(all);
            }

            private static TypeConversionException wrong(String text) {
                return new TypeConversionException("found '" + text
                        + "', expected rtn, gptq, awq or smoothquant, or awq or smoothquant with rtn or gptq and + between");
            }
        }
    }

    /** A file of recorded inputs, if there is one. */
    Optional<Path> recorded() {
        return Optional.ofNullable(file).filter(CalibrationOptions::isRecorded);
    }

    private static boolean isRecorded(Path path) {
        return path.toString().toLowerCase(Locale.ROOT).endsWith(RECORDED);
    }

    /** Whether the model is to be run. */
    boolean hasText() {
        return file != null && !isRecorded(file);
    }

    /** Refuses what needs a text where there is none. */
    void requireText() {
        String needing = cache != null
                ? "--kv-cache"
                : algorithms.all.equals(Set.of(Algorithm.RTN))
                        ? null
                        : "--algorithm " + algorithms.all.stream()
                                .map(Names::of).reduce((a, b) -> a + "+" + b).orElseThrow();
        if (needing != null && !hasText()) {
            throw new CommandException(ExitCode.BAD_USAGE, needing + ": found "
                    + (file == null ? "no --calibration" : "recorded inputs") + ", expected --calibration with a text");
        }
    }

    /** Whether something is quantized besides what presets say. */
    boolean hasCache() {
        return cache != null;
    }

    /** Draws samples of the text. */
    CalibrationText draw(Path model) throws IOException {
        requirePositive("--samples", samples);
        requirePositive("--sequence-length", length);
        return CalibrationText.draw(file, model, samples, length, seed);
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new CommandException(ExitCode.BAD_USAGE, option + ": found " + value + ", expected 1 or more");
        }
    }

    /** Who quantizes the model's layers. */
    LayerCalibrator calibrator(Path model, CalibrationText text, boolean measured, CalibrationProgress progress) {
        return LayerCalibrator.of(model, file.getFileName().toString(), text.chosen(), recipe(measured), progress);
    }

    private Recipe recipe(boolean measured) {
        try {
            return new Recipe(
                    chosen(Algorithm.SMOOTHQUANT) ? Optional.of(new SmoothQuant(strength)) : Optional.empty(),
                    chosen(Algorithm.AWQ) ? Optional.of(new Awq(grid, duoScaling)) : Optional.empty(),
                    chosen(Algorithm.GPTQ) ? Optional.of(new GptqOptions(blockSize, dampening)) : Optional.empty(),
                    order == Order.NONE ? Optional.empty() : Optional.of(ActivationOrdering.valueOf(order.name())),
                    Optional.ofNullable(activations), cache == Cache.FP8, measured);
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.BAD_USAGE, e.getMessage(), e);
        }
    }

    private boolean chosen(Algorithm algorithm) {
        return algorithms.all.contains(algorithm);
    }

    /** Samples to measure on. */
    List<int[]> heldBack(CalibrationText text) {
        return text.heldBack().stream().filter(ids -> ids.length > 1).limit(Math.max(0, heldBack)).toList();
    }
}
