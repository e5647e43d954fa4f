package org.quantado.cli.generate;

import java.nio.file.Path;
import java.util.concurrent.Callable;

import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Output;
import org.quantado.cli.text.AnswerFigures;
import org.quantado.cli.text.AnswerOptions;
import org.quantado.cli.text.AnswerPrinter;
import org.quantado.cli.text.Interrupt;
import org.quantado.cli.text.TextModelOptions;
import org.quantado.models.TextModel;
import org.quantado.models.generate.Answer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lets a model go on with a text. */
@Command(name = "generate", description = "Let a model go on with a text. Ctrl-C stops it.", footer = {"", "Example:",
        "  quantado generate Llama-3.2-1B-NVFP4A16 \"Once upon a time\" --max-tokens 64", "", ExitCode.HELP})
public final class GenerateCommand implements Callable<Integer> {
    private static final int USUAL_TOKENS = 128;

    @Parameters(index = "0", paramLabel = "MODEL", converter = ModelFolder.class, description = "A model: "
            + ModelFolder.HELP + ".")
    private Path folder;

    @Parameters(index = "1", paramLabel = "PROMPT", description = "How the text begins.")
    private String prompt;

    @Mixin
    private AnswerOptions answerOptions;

    @Mixin
    private TextModelOptions modelOptions;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() {
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
