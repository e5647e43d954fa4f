package org.quantado.models.batch;

import java.util.Optional;
import java.util.TreeSet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.quantado.models.generate.GenerationException;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * A line of a file of prompts: an object with a {@code prompt}, and an {@code id} of any kind if the answer is to have it.
 *
 * @param id null if there is none
 * @param prompt how the text begins
 */
record PromptLine(JsonNode id, String prompt) {
    static final String ID = "id";
    static final String PROMPT = "prompt";

    private static final JsonMapper MAPPER = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * Reads a line.
     *
     * @throws GenerationException if it is none
     */
    static PromptLine read(String line) {
        JsonNode json = json(line).filter(JsonNode::isObject)
                .orElseThrow(
                        () -> new GenerationException("line", CheckpointException.quote(line), "an object of JSON"));
        TreeSet<String> fields = new TreeSet<>();
        json.fieldNames().forEachRemaining(fields::add);
        fields.remove(ID);
        if (!fields.remove(PROMPT) || !json.get(PROMPT).isTextual()) {
            throw new GenerationException("field prompt", json.path(PROMPT).isMissingNode()
                    ? "none"
                    : CheckpointException.shorten(json.get(PROMPT).toString()), "text");
        }
        if (!fields.isEmpty()) {
            throw new GenerationException("field", CheckpointException.quote(fields.first()), "prompt and id");
        }
        return new PromptLine(json.get(ID), json.get(PROMPT).textValue());
    }

    /** The id of a line, also of one that is bad otherwise; null if there is none. */
    static JsonNode idOf(String line) {
        return json(line).map(json -> json.get(ID)).orElse(null);
    }

    private static Optional<JsonNode> json(String line) {
        try {
            return Optional.ofNullable(MAPPER.readTree(line));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
