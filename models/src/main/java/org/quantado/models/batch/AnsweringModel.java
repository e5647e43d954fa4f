package org.quantado.models.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.quantado.models.TextModel;
import org.quantado.models.decoder.InputException;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.BatchGenerator;
import org.quantado.models.generate.GenerationException;

/** A model that answers lines of prompts, several at a time. */
final class AnsweringModel implements AutoCloseable {
    private final TextModel model;
    private final AnswerRule rule;

    AnsweringModel(TextModel model, AnswerRule rule) {
        this.model = model;
        this.rule = rule;
    }

    /**
     * Answers each line with a line. What is wrong with a prompt is its answer.
     *
     * @param first number of the first line; that of the file's first is 0
     */
    synchronized List<AnsweredLine> answer(int first, List<String> lines) {
        AnsweredLine[] answers = new AnsweredLine[lines.size()];
        List<Integer> places = new ArrayList<>();
        List<BatchGenerator.Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                String text = PromptLine.read(lines.get(i)).prompt();
                prompts.add(new BatchGenerator.Prompt(model.tokenizer().encodeWithSpecialTokens(text),
                        rule.request(model, first + i)));
                places.add(i);
            } catch (GenerationException | InputException e) {
                answers[i] = failure(lines.get(i), e);
            }
        }
        model.generateAll(prompts, new BatchGenerator.Receiver() {
            @Override
            public void answered(int prompt, Answer answer) {
                answers[places.get(prompt)] = success(lines.get(places.get(prompt)), answer);
            }

            @Override
            public void failed(int prompt, RuntimeException why) {
                answers[places.get(prompt)] = failure(lines.get(places.get(prompt)), why);
            }
        });
        return new ArrayList<>(Arrays.asList(answers));
    }

    private static AnsweredLine success(String line, Answer answer) {
        ObjectNode json = withId(line);
        json.put("text", answer.text());
        json.put("end", answer.end().name().toLowerCase(Locale.ROOT));
        json.put("promptTokens", answer.times().promptTokens());
        json.put("answerTokens", answer.times().answerTokens());
        answer.seed().ifPresent(seed -> json.put("seed", seed));
        return new AnsweredLine(json.toString(), answer.times().answerTokens(), false);
    }

    private static AnsweredLine failure(String line, RuntimeException why) {
        return new AnsweredLine(withId(line).put("error", why.getMessage()).toString(), 0, true);
    }

    private static ObjectNode withId(String line) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (PromptLine.idOf(line) != null) {
            json.set(PromptLine.ID, PromptLine.idOf(line));
        }
        return json;
    }

    @Override
    public void close() {
        model.close();
    }
}
