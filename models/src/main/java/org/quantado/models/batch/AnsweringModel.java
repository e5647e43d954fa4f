package org.quantado.models.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

import org.quantado.models.TextModel;
import org.quantado.models.decoder.InputException;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.GenerationException;

/** A model that answers lines of prompts, one after another. */
final class AnsweringModel implements AutoCloseable {
    private final TextModel model;
    private final AnswerRule rule;

    AnsweringModel(TextModel model, AnswerRule rule) {
        this.model = model;
        this.rule = rule;
    }

    /**
     * Answers a line with a line. What is wrong with a prompt is its answer.
     *
     * @param number of the line, the first of which is 0
     */
    synchronized AnsweredLine answer(String line, int number) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        try {
            PromptLine prompt = PromptLine.read(line);
            putId(json, line);
            Answer answer = model.generate(prompt.prompt(), rule.request(model, number), _ -> {
            });
            json.put("text", answer.text());
            json.put("end", answer.end().name().toLowerCase(Locale.ROOT));
            json.put("promptTokens", answer.times().promptTokens());
            json.put("answerTokens", answer.times().answerTokens());
            answer.seed().ifPresent(seed -> json.put("seed", seed));
            return new AnsweredLine(json.toString(), answer.times().answerTokens(), false);
        } catch (GenerationException | InputException e) {
            ObjectNode failed = JsonNodeFactory.instance.objectNode();
            putId(failed, line);
            failed.put("error", e.getMessage());
            return new AnsweredLine(failed.toString(), 0, true);
        }
    }

    private static void putId(ObjectNode json, String line) {
        if (PromptLine.idOf(line) != null) {
            json.set(PromptLine.ID, PromptLine.idOf(line));
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
