package org.quantado.models.batch;

import java.io.Serializable;
import java.util.List;
import java.util.OptionalLong;

import org.quantado.models.TextModel;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Sampling;

/**
 * What is asked of a model for each of many prompts, in a form that other machines are sent; see {@link Sampling}.
 *
 * @param seed of the first line; the next has the next
 * @param maxTokens ids that an answer has at most
 * @param stops texts that end an answer
 * @param parallel prompts that are answered at a time
 */
public record AnswerRule(double temperature, int topK, double topP, double minP, double repetitionPenalty, long seed,
        int maxTokens, List<String> stops, int parallel) implements Serializable {
    public AnswerRule {
        stops = List.copyOf(stops);
    }

    /**
     * A rule.
     *
     * @param seed of the first line
     * @param parallel prompts that are answered at a time
     */
    public static AnswerRule of(Sampling sampling, long seed, int maxTokens, List<String> stops, int parallel) {
        return new AnswerRule(sampling.temperature(), sampling.topK(), sampling.topP(), sampling.minP(),
                sampling.repetitionPenalty(), seed, maxTokens, stops, parallel);
    }

    /** What is asked for a line, the first of which is 0: the same wherever it is answered. */
    GenerationRequest request(TextModel model, int line) {
        Sampling sampling = new Sampling(temperature, topK, topP, minP, repetitionPenalty,
                OptionalLong.of(seed + line));
        return new GenerationRequest(sampling, maxTokens, model.stopIds(), stops);
    }
}
