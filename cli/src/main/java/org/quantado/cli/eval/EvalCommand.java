package org.quantado.cli.eval;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.quantado.cli.engine.ClusterOptions;
import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Output;
import org.quantado.cli.report.Progress;
import org.quantado.cli.text.Interrupt;
import org.quantado.cli.text.TextModelOptions;
import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.models.SharedModel;
import org.quantado.models.TextModel;
import org.quantado.models.evaluate.ClusterEvaluation;
import org.quantado.models.evaluate.Comparison;
import org.quantado.models.evaluate.Evaluation;
import org.quantado.models.evaluate.Likelihood;
import org.quantado.models.evaluate.TextWindows;
import org.quantado.models.generate.TokenSequence;
import org.quantado.models.text.Tokenizer;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.cluster.Cluster;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How well a model expects a text. */
@Command(name = "eval", description = "Perplexity of a text, and how far a model is from another one.", footer = {"",
        "Example:", "  quantado eval Llama-3.2-1B-NVFP4A16 --text wiki.txt --against Llama-3.2-1B", "", ExitCode.HELP})
public final class EvalCommand implements Callable<Integer> {
    private static final int USUAL_WINDOW = 512;

    @Parameters(paramLabel = "MODEL", converter = ModelFolder.class, description = "A model: " + ModelFolder.HELP + ".")
    private Path folder;

    @Option(names = "--text", paramLabel = "FILE", required = true, description = "Text in UTF-8.")
    private Path text;

    @Option(names = "--window", paramLabel = "N", description = "Tokens that are read together, one window after another; otherwise 512, or the context if that is less.")
    private Integer window;

    @Option(names = "--paragraphs", description = "Read each paragraph of the text on its own instead.")
    private boolean paragraphs;

    @Option(names = "--against", paramLabel = "OTHER", converter = ModelFolder.class, description = "A model to compare with, folder or id, usually the one before quantizing; --online does not concern it.")
    private Path against;

    @Mixin
    private TextModelOptions modelOptions;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private ClusterOptions clusterOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        if (paragraphs && window != null) {
            throw new CommandException(ExitCode.BAD_USAGE, "found --window and --paragraphs, expected one of them");
        }
        if (against != null && clusterOptions.isAsked()) {
            throw new CommandException(ExitCode.BAD_USAGE,
                    "found --against and --master, expected one of them: two models are compared on one machine");
        }
        String content = read();
        Optional<Cluster> connected = clusterOptions.connect();
        if (connected.isPresent()) {
            try (Cluster cluster = connected.get()) {
                readWith(cluster, content);
            }
            return ExitCode.DONE;
        }
        RunningEngine engine = engineOptions.start();
        try (TextModel model = modelOptions.open(folder); TokenSequence sequence = model.sequence()) {
            List<int[]> windows = windows(model.tokenizer(), model.model().context(), content);
            long start = System.nanoTime();
            if (against == null) {
                Likelihood likelihood = likelihood(sequence, windows);
                print(EvalReport.of(folder, engine, text, windows, likelihood, start));
            } else {
                try (TextModel other = modelOptions.openAsItIs(against);
                        TokenSequence reference = other.sequence()) {
                    Comparison comparison = compare(sequence, reference, windows);
                    print(EvalReport.of(folder, engine, text, windows, comparison.model(), start)
                            .against(against, comparison));
                }
            }
        }
        return ExitCode.DONE;
    }

    private void print(EvalReport report) {
        output.print(report);
    }

    private String read() throws IOException {
        try {
            return Files.readString(text);
        } catch (CharacterCodingException e) {
            throw new CheckpointException(text.toString(), "bytes that are not UTF-8", "text in UTF-8").causedBy(e);
        }
    }

    private void readWith(Cluster cluster, String content) throws IOException {
        ModelOptions options = modelOptions.options();
        List<int[]> windows;
        try (Tokenizer tokenizer = Tokenizer.open(Checkpoint.locate(folder))) {
            windows = windows(tokenizer, LanguageModel.context(folder, options), content);
        }
        long start = System.nanoTime();
        try (Progress progress = Progress.start("Reading", predicted(windows));
                Interrupt interrupt = Interrupt.watch()) {
            ClusterEvaluation evaluation = ClusterEvaluation.of(cluster, SharedModel.of(folder, options, 1), windows,
                    tokens -> step(progress, interrupt, tokens));
            print(EvalReport.of(folder, null, text, windows, evaluation.likelihood(), start)
                    .by(evaluation.workers()));
        }
    }

    private List<int[]> windows(Tokenizer tokenizer, int context, String content) {
        return paragraphs
                ? TextWindows.paragraphs(tokenizer, content)
                : TextWindows.consecutive(tokenizer, content,
                        window == null ? Math.min(USUAL_WINDOW, context) : window);
    }

    private static int predicted(List<int[]> windows) {
        return windows.stream().mapToInt(ids -> ids.length - 1).sum();
    }

    private static Likelihood likelihood(TokenSequence sequence, List<int[]> windows) {
        try (Progress progress = Progress.start("Reading", predicted(windows));
                Interrupt interrupt = Interrupt.watch()) {
            return Evaluation.likelihood(sequence, windows, tokens -> step(progress, interrupt, tokens));
        }
    }

    private static Comparison compare(TokenSequence sequence, TokenSequence reference, List<int[]> windows) {
        try (Progress progress = Progress.start("Comparing", predicted(windows));
                Interrupt interrupt = Interrupt.watch()) {
            return Evaluation.compare(sequence, reference, windows, tokens -> step(progress, interrupt, tokens));
        }
    }

    private static void step(Progress progress, Interrupt interrupt, int tokens) {
        progress.step(tokens);
        if (interrupt.isRequested()) {
            throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
        }
    }
}
