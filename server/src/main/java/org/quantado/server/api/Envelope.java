package org.quantado.server.api;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.quantado.server.batch.Outcome;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What all parts of one answer have in common: id, time, model. */
final class Envelope {
    private final String id;
    private final long created = Instant.now().getEpochSecond();
    private final String model;

    /** @param prefix of the id */
    Envelope(String prefix, String model) {
        this.id = prefix + UUID.randomUUID().toString().replace("-", "");
        this.model = model;
    }

    /** An object of a kind, with its choices. */
    ObjectNode object(String kind, List<? extends JsonNode> choices) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id).put("object", kind).put("created", created).put("model", model);
        json.putArray("choices").addAll(choices);
        return json;
    }

    /** The same with what it took; choices of one prompt count the prompt once. */
    ObjectNode withUsage(ObjectNode json, List<Outcome> outcomes, int choicesOfAPrompt) {
        int prompt = 0;
        int reused = 0;
        int answer = 0;
        for (int i = 0; i < outcomes.size(); i++) {
            Outcome outcome = outcomes.get(i);
            prompt += i % choicesOfAPrompt == 0 ? outcome.promptTokens() : 0;
            reused += i % choicesOfAPrompt == 0 ? outcome.reusedTokens() : 0;
            answer += outcome.answerTokens();
        }
        json.putObject("usage").put("prompt_tokens", prompt).put("completion_tokens", answer)
                .put("total_tokens", prompt + answer).putObject("prompt_tokens_details").put("cached_tokens", reused);
        return json;
    }

    /** OpenAI's word for an end. */
    static String finishReason(Outcome outcome) {
        return switch (outcome.end()) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case CANCELLED -> throw ApiException.unavailable("the server ends");
            case TIMEOUT -> throw ApiException.timeout("the answer took too long");
            case FAILED -> throw ApiException.internal();
        };
    }
}
