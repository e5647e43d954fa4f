package org.quantado.cli.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
import org.quantado.models.generate.Conversation;
import org.quantado.models.generate.GenerationException;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.text.ChatMessage;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A conversation with a model: each line of stdin is a question. */
@Command(name = "chat", description = "Talk to a model: each line is a question. Ctrl-C stops an answer, Ctrl-D ends.", footer = {
        "", "Example:", "  quantado chat Llama-3.2-1B-Instruct-FP8", "", ExitCode.HELP})
public final class ChatCommand implements Callable<Integer> {
    private static final String PROMPT = "> ";

    @Parameters(paramLabel = "MODEL", converter = ModelFolder.class, description = "A model: " + ModelFolder.HELP + ".")
    private Path folder;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told before the conversation.")
    private String system;

    @Mixin
    private AnswerOptions answerOptions;

    @Mixin
    private TextModelOptions modelOptions;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException {
        RunningEngine engine = engineOptions.start();
        List<ChatMessage> beginning = system == null ? List.of() : List.of(ChatMessage.system(system));
        try (TextModel model = modelOptions.open(folder); Conversation conversation = model.conversation(beginning)) {
            List<AnswerFigures> figures = talk(model, conversation);
            if (output.isJson()) {
                output.print(new ChatReport(folder.toString(), engine,
                        conversation.messages().stream().map(ChatMessage::fields).toList(), figures));
            }
        }
        return ExitCode.DONE;
    }

    private List<AnswerFigures> talk(TextModel model, Conversation conversation) throws IOException {
        GenerationRequest request = answerOptions.request(model, Integer.MAX_VALUE);
        List<AnswerFigures> figures = new ArrayList<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, charset()));
        for (String question = ask(in); question != null; question = ask(in)) {
            if (!question.isBlank()) {
                answer(model, conversation, question, request, figures);
            }
        }
        return figures;
    }

    private static Charset charset() {
        return Charset.forName(System.getProperty("stdin.encoding"), Charset.defaultCharset());
    }

    @SuppressWarnings("SystemConsoleNull") // it is, from JDK 25 on, where input or output is none of a terminal
    private boolean isTerminal() {
        return !output.isJson() && System.console() != null && System.console().isTerminal();
    }

    /** The next line; null at the end. At the prompt, Ctrl-C only begins a new line. */
    private String ask(BufferedReader in) throws IOException {
        if (!isTerminal()) {
            return in.readLine();
        }
        try (Interrupt _ = Interrupt.watch(() -> prompt("\nCtrl-D ends.\n"))) {
            prompt("");
            String line = in.readLine();
            if (line == null) {
                output.out().println();
            }
            return line;
        }
    }

    private void prompt(String before) {
        output.out().print(before + PROMPT);
        output.out().flush();
    }

    private void answer(TextModel model, Conversation conversation, String question, GenerationRequest request,
            List<AnswerFigures> figures) {
        try (Interrupt interrupt = Interrupt.watch();
                AnswerPrinter printer = new AnswerPrinter(output, interrupt)) {
            Answer answer = conversation.ask(question, request, printer);
            printer.end();
            figures.add(AnswerFigures.of(answer, model.model()));
            output.note(figures.getLast().line());
        } catch (GenerationException e) {
            if (!isTerminal()) {
                throw e;
            }
            output.complain(e.getMessage());
        }
    }
}
