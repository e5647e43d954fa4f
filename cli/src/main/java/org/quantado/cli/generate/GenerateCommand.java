package org.quantado.cli.generate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.quantado.cli.engine.ClusterOptions;
import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Millis;
import org.quantado.cli.report.Output;
import org.quantado.cli.report.Progress;
import org.quantado.cli.text.AnswerFigures;
import org.quantado.cli.text.AnswerOptions;
import org.quantado.cli.text.AnswerPrinter;
import org.quantado.cli.text.Interrupt;
import org.quantado.cli.text.TextModelOptions;
import org.quantado.models.TextModel;
import org.quantado.models.batch.AnswerRule;
import org.quantado.models.batch.BatchAnswers;
import org.quantado.models.decoder.Session;
import org.quantado.models.generate.Answer;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.ThisMachine;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets a model go on with a text. */
@Command(name = "generate", description = "Let a model go on with a text, or with many. Ctrl-C stops it; what of many is answered by then is in OUTPUT.partial, and the same command goes on from there.", footer = {
        "", "Examples:", "  quantado generate Llama-3.2-1B-NVFP4A16 \"Once upon a time\" --max-tokens 64",
        "  quantado generate Llama-3.2-1B-NVFP4A16 --prompts in.jsonl --output out.jsonl --master local[2]", "",
        ExitCode.HELP})
public final class GenerateCommand implements Callable<Integer> {
    private static final int USUAL_TOKENS = 128;
    private static final int USUAL_PARALLEL = 8;

    @Parameters(index = "0", paramLabel = "MODEL", converter = ModelFolder.class, description = "A model: "
            + ModelFolder.HELP + ".")
    private Path folder;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PROMPT", description = "How the text begins.")
    private String prompt;

    @Option(names = "--prompts", paramLabel = "F.jsonl", description = "Prompts instead: on each line an object of JSON with a prompt and, if wanted, an id.")
    private Path prompts;

    @Option(names = "--output", paramLabel = "G.jsonl", description = "File to be written, which does not exist: for each prompt a line with its id and text, or its error.")
    private Path out;

    @Option(names = "--parallel", paramLabel = "N", description = "Prompts of --prompts that go through the weights together, each with a cache of the longest prompt and its answer; "
            + USUAL_PARALLEL + " unless said.")
    private Integer parallel;

    @Mixin
    private AnswerOptions answerOptions;

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
        if ((prompt == null) == (prompts == null) || (prompts == null) != (out == null)) {
            throw new CommandException(ExitCode.BAD_USAGE,
                    "expected either PROMPT, or --prompts and --output");
        }
        return prompts == null ? answer() : answerAll();
    }

    private int answerAll() throws IOException {
        int atATime = parallel == null ? USUAL_PARALLEL : parallel;
        CommandException.requireRange("--parallel", atATime, 1, Session.MOST_SEQUENCES);
        AnswerRule rule = answerOptions.rule(folder, USUAL_TOKENS, atATime);
        Optional<Cluster> connected = clusterOptions.connect();
        long start = System.nanoTime();
        try (Cluster cluster = connected.orElseGet(this::here); Progress progress = Progress.start("Answering", -1)) {
            BatchAnswers answers = BatchAnswers.write(cluster, folder, modelOptions.options(), rule, prompts, out,
                    progress::step);
            output.print(BatchReport.of(folder, out, answers, Millis.between(start, System.nanoTime())));
        }
        return ExitCode.DONE;
    }

    private Cluster here() {
        engineOptions.start();
        return new ThisMachine();
    }

    private int answer() {
        if (clusterOptions.isAsked() || parallel != null) {
            throw new CommandException(ExitCode.BAD_USAGE, "found " + (parallel == null ? "--master" : "--parallel")
                    + " with one PROMPT, expected --prompts");
        }
        RunningEngine engine = engineOptions.start();
        try (TextModel model = modelOptions.open(folder);
                Interrupt interrupt = Interrupt.watch();
                AnswerPrinter printer = new AnswerPrinter(output, interrupt)) {
            Answer answer = model.generate(prompt, answerOptions.request(model, USUAL_TOKENS), printer);
            printer.end();
            AnswerFigures figures = AnswerFigures.of(answer, model.model());
            output.note(figures.line());
            if (output.isJson()) {
                output.print(new GenerateReport(folder.toString(), engine, prompt, answer.text(), answer.ids(),
                        figures));
            }
            return answer.end() == Answer.End.CANCELLED ? ExitCode.INTERRUPTED : ExitCode.DONE;
        }
    }
}
