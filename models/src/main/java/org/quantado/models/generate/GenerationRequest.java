package org.quantado.models.generate;

import java.util.List;
import java.util.Set;

/**
 * What is asked of a model.
 *
 * @param sampling how ids are chosen
 * @param maxTokens ids that an answer has at most
 * @param stopIds ids that end an answer, and are not part of it
 * @param stopStrings texts that end an answer, and are not part of it
 */
public record GenerationRequest(Sampling sampling, int maxTokens, Set<Integer> stopIds, List<String> stopStrings) {
    /** @throws GenerationException if no token is asked for, or a stop string is empty */
    public GenerationRequest {
        if (maxTokens < 1) {
            throw new GenerationException("most tokens", String.valueOf(maxTokens), "1 or more");
        }
        if (stopStrings.stream().anyMatch(String::isEmpty)) {
            throw new GenerationException("stop string", "an empty one", "text");
        }
        stopIds = Set.copyOf(stopIds);
        stopStrings = List.copyOf(stopStrings);
    }
}
