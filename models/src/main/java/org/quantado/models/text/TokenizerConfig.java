package org.quantado.models.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.JsonFile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What {@code tokenizer_config.json} says; where it says nothing of special tokens, {@code special_tokens_map.json}.
 *
 * @param file the former
 * @param specialTokens by role, such as {@code bos_token}: a string, or a list of them
 * @param addsBos whether encoded text begins with {@code bos_token}; empty if tokenizer.json knows
 * @param addsEos whether it ends with {@code eos_token}; empty if tokenizer.json knows
 * @param templates chat templates by name
 */
record TokenizerConfig(Path file, Map<String, Object> specialTokens, Optional<Boolean> addsBos,
        Optional<Boolean> addsEos, Map<String, String> templates) {
    static final String NAME = "tokenizer_config.json";
    /** The template that is used where none is asked for by name. */
    static final String DEFAULT_TEMPLATE = "default";
    private static final String SPECIAL_TOKENS = "special_tokens_map.json";
    private static final List<String> ROLES = List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
            "cls_token", "mask_token");
    private static final String ADDITIONAL = "additional_special_tokens";
    private static final String TEMPLATE = "chat_template";

    /** Reads the files of a folder that are there. */
    static TokenizerConfig read(Path folder) {
        Path file = folder.resolve(NAME);
        ObjectNode config = object(file);
        Map<String, Object> tokens = specialTokens(folder.resolve(SPECIAL_TOKENS));
        tokens.putAll(specialTokens(file));
        return new TokenizerConfig(file, tokens, bool(file, config, "add_bos_token"),
                bool(file, config, "add_eos_token"), templates(file, config.path(TEMPLATE)));
    }

    private static ObjectNode object(Path file) {
        return Files.exists(file) ? JsonFile.readObject(file) : JsonNodeFactory.instance.objectNode();
    }

    private static Map<String, Object> specialTokens(Path file) {
        ObjectNode json = object(file);
        Map<String, Object> tokens = new LinkedHashMap<>();
        for (String role : ROLES) {
            if (json.hasNonNull(role)) {
                tokens.put(role, content(file, role, json.get(role)));
            }
        }
        if (json.hasNonNull(ADDITIONAL)) {
            List<String> additional = new ArrayList<>();
            json.get(ADDITIONAL).forEach(token -> additional.add(content(file, ADDITIONAL, token)));
            tokens.put(ADDITIONAL, additional);
        }
        return tokens;
    }

    /** A token: a string, or an object that has it as its content. */
    private static String content(Path file, String role, JsonNode token) {
        JsonNode content = token.isObject() ? token.path("content") : token;
        if (!content.isTextual()) {
            throw new CheckpointException(file, role, "no string", "a token");
        }
        return content.textValue();
    }

    private static Optional<Boolean> bool(Path file, ObjectNode config, String name) {
        JsonNode value = config.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw new CheckpointException(file, name, CheckpointException.shorten(value.toString()), "true or false");
        }
        return Optional.of(value.booleanValue());
    }

    private static Map<String, String> templates(Path file, JsonNode templates) {
        Map<String, String> byName = new LinkedHashMap<>();
        if (templates.isTextual()) {
            byName.put(DEFAULT_TEMPLATE, templates.textValue());
        } else if (templates.isArray()) {
            for (JsonNode template : templates) {
                if (!template.path("name").isTextual() || !template.path("template").isTextual()) {
                    throw new CheckpointException(file, TEMPLATE, "an element without name or template",
                            "strings name and template");
                }
                byName.put(template.get("name").textValue(), template.get("template").textValue());
            }
        } else if (!templates.isMissingNode() && !templates.isNull()) {
            throw new CheckpointException(file, TEMPLATE, CheckpointException.shorten(templates.toString()),
                    "a string, or a list of named ones");
        }
        return byName;
    }

    /** The token of this role, if there is one. */
    Optional<String> token(String role) {
        return Optional.ofNullable(specialTokens.get(role)).map(String.class::cast);
    }
}
