package org.quantado.server.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.quantado.models.text.ChatTemplate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** How a model writes calls of tools, which its chat template tells. */
public enum ToolFormat {
    /** Each call a JSON object of name and arguments between tags, after text or not: Hermes, Qwen. */
    TAGS("<tool_call>", "arguments"),
    /** The whole answer one JSON object of name and parameters: Llama 3. */
    OBJECT("{", "parameters");

    private static final String END_TAG = "</tool_call>";
    /** How Llama's template tells the model to answer. */
    private static final String LLAMA = "{\"name\": function name, \"parameters\": dictionary of argument name and its value}";
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private final String begin;
    private final String argumentsField;

    ToolFormat(String begin, String argumentsField) {
        this.begin = begin;
        this.argumentsField = argumentsField;
    }

    /** That of a template, if it has one that is known here. */
    public static Optional<ToolFormat> of(ChatTemplate template) {
        String source = template.source();
        if (!source.contains("tools")) {
            return Optional.empty();
        }
        if (source.contains(TAGS.begin)) {
            return Optional.of(TAGS);
        }
        return source.replace("\\\"", "\"").contains(LLAMA) ? Optional.of(OBJECT) : Optional.empty();
    }

    /** How text begins that may be a call. */
    String begin() {
        return begin;
    }

    /** Whether a call may come after other text. */
    boolean comesAfterText() {
        return this == TAGS;
    }

    /** The calls that a text consists of; empty if it is something else. */
    List<ToolCall> parse(String text) {
        return switch (this) {
            case OBJECT -> call(text).map(List::of).orElse(List.of());
            case TAGS -> {
                List<ToolCall> calls = new ArrayList<>();
                for (String part : text.strip().split(begin, -1)) {
                    if (!part.isBlank()) {
                        Optional<ToolCall> call = part.strip().endsWith(END_TAG)
                                ? call(part.strip().substring(0, part.strip().length() - END_TAG.length()))
                                : Optional.empty();
                        if (call.isEmpty()) {
                            yield List.of();
                        }
                        calls.add(call.get());
                    }
                }
                yield calls;
            }
        };
    }

    private Optional<ToolCall> call(String json) {
        try {
            JsonNode call = MAPPER.readTree(json);
            return call.path("name").isTextual() && call.path(argumentsField).isObject()
                    ? Optional.of(new ToolCall(call.get("name").textValue(), call.get(argumentsField).toString()))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
