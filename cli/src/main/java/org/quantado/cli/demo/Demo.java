package org.quantado.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Millis;
import org.quantado.cli.report.Progress;
import org.quantado.models.TextModel;
import org.quantado.models.evaluate.Comparison;
import org.quantado.models.evaluate.Evaluation;
import org.quantado.models.evaluate.Likelihood;
import org.quantado.models.evaluate.TextWindows;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Sampling;
import org.quantado.models.generate.TokenSequence;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;

/** Lets the model tell a story, quantizes it in some ways, and compares them with it. */
final class Demo {
    static final String PROMPT = "Once upon a time, there was a little fox named";
    /** A form of each width and kind that people use, and two that are too narrow for this model. */
    private static final List<String> PRESETS = List.of("W8A8", "FP8_DYNAMIC", "MXFP8", "W4A16", "NVFP4A16", "MXFP4A16",
            "W3A16", "W2A16");
    private static final String UNQUANTIZED = "bf16";
    private static final List<Target> LEFT_ALONE = List.of(Target.of("lm_head"), Target.of("re:.*\\.mlp\\.gate$"));
    private static final int STORY_TOKENS = 160;
    private static final int OTHER_STORY_TOKENS = 32;
    private static final int WINDOW = 256;
    /** Enough to tell the forms apart, and few enough not to wait for. */
    private static final int WINDOWS = 4;

    private final Path folder;
    private final Path unquantized;
    private final List<DemoResult> results = new ArrayList<>();
    private List<int[]> windows = List.of();

    private Demo(Path folder) {
        this.folder = folder;
        this.unquantized = folder.resolve(UNQUANTIZED);
    }

    /**
     * Fills a folder and runs what is in it.
     *
     * @param kept whether the folder stays
     * @param story told of the unquantized model's story as it comes
     */
    static DemoReport run(Path folder, boolean kept, RunningEngine engine, Consumer<String> story) throws IOException {
        long start = System.nanoTime();
        Demo demo = new Demo(folder);
        demo.run(story);
        return new DemoReport(engine, kept ? folder.toString() : null, PROMPT,
                demo.windows.stream().mapToInt(window -> window.length - 1).sum(), demo.results,
                Millis.between(start, System.nanoTime()) / 1000);
    }

    private void run(Consumer<String> story) throws IOException {
        TalesModel.write(unquantized);
        try (TextModel model = TextModel.open(unquantized)) {
            windows = TextWindows.consecutive(model.tokenizer(), TalesModel.text(), WINDOW).subList(0, WINDOWS);
            Answer answer = tell(model, STORY_TOKENS, story);
            double rate = tell(model, OTHER_STORY_TOKENS, piece -> {
            }).times().answerRate();
            try (Progress progress = Progress.start("Quantizing and comparing", PRESETS.size() + 1L);
                    TokenSequence reference = model.sequence()) {
                Likelihood likelihood = Evaluation.likelihood(reference, windows, tokens -> {
                });
                results.add(new DemoResult(UNQUANTIZED, bytes(unquantized), model.model().weightBytes(),
                        likelihood.perplexity(), 1, 0, rate, answer.text()));
                progress.step();
                for (String preset : PRESETS) {
                    compare(preset, reference);
                    progress.step();
                }
            }
        }
    }

    private static Answer tell(TextModel model, int tokens, Consumer<String> listener) {
        return model.generate(PROMPT, new GenerationRequest(Sampling.GREEDY, tokens, model.stopIds(), List.of()),
                listener::accept);
    }

    private void compare(String preset, TokenSequence reference) throws IOException {
        Path quantized = folder.resolve(preset.toLowerCase(Locale.ROOT));
        CheckpointQuantizer.quantize(unquantized, quantized,
                QuantizationRequest.of(Preset.named(preset)).ignoring(LEFT_ALONE), QuantizationProgress.NONE);
        try (TextModel model = TextModel.open(quantized)) {
            Comparison comparison;
            try (TokenSequence sequence = model.sequence()) {
                comparison = Evaluation.compare(sequence, reference, windows, tokens -> {
                });
            }
            Answer answer = tell(model, OTHER_STORY_TOKENS, piece -> {
            });
            results.add(new DemoResult(preset, bytes(quantized), model.model().weightBytes(),
                    comparison.model().perplexity(), comparison.agreement(), comparison.meanDivergence(),
                    answer.times().answerRate(), answer.text()));
        }
    }

    private static long bytes(Path checkpoint) {
        try (Checkpoint opened = Checkpoint.open(checkpoint)) {
            return opened.infos().values().stream().mapToLong(tensor -> tensor.byteSize()).sum();
        }
    }
}
