package org.quantado.server.batch;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

import org.quantado.models.constrain.TokenTexts;
import org.quantado.models.generate.GenerationRequest;

/**
 * One answer that is asked for.
 *
 * @param prompt ids, at least one
 * @param generation how the model goes on
 * @param seed of the draws, if ids are drawn
 * @param bias is added to the logits of some ids
 * @param json with which the answer is kept to one JSON object; empty for any text
 * @param alternatives how many of the most likely ids are reported with each token; empty if no probabilities are asked for
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares requests
public record BatchRequest(int[] prompt, GenerationRequest generation, long seed, Map<Integer, Float> bias,
        Optional<TokenTexts> json, OptionalInt alternatives) {
    public BatchRequest {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("a prompt of no tokens");
        }
        bias = Map.copyOf(bias);
    }

    /** One of which nothing special is asked. */
    public static BatchRequest of(int[] prompt, GenerationRequest generation, long seed) {
        return new BatchRequest(prompt, generation, seed, Map.of(), Optional.empty(), OptionalInt.empty());
    }

    /** Whether the most likely id is all that has to be known. */
    boolean isPlainGreedy() {
        return generation.sampling().isPlainGreedy() && bias.isEmpty()
                && json.isEmpty() && alternatives.isEmpty();
    }
}
