package org.quantado.server.api;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Reads the body of a request. */
public final class JsonBody {
    /** Tools' schemas are nested; nothing else is, by much. */
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER = 40;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder().streamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxNumberLength(MAX_NUMBER).build()).build())
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonBody() {
    }

    /**
     * A JSON object in UTF-8.
     *
     * @throws ApiException if it is something else
     */
    public static ObjectNode read(byte[] body) {
        try {
            JsonNode json = MAPPER.readTree(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
            if (json instanceof ObjectNode object) {
                return object;
            }
            throw ApiException.malformed("body: found " + (json.isMissingNode() ? "nothing" : Fields.shown(json))
                    + ", expected a JSON object");
        } catch (CharacterCodingException e) {
            throw ApiException.malformed("body: found bytes that are not UTF-8, expected JSON");
        } catch (JsonProcessingException e) {
            throw ApiException
                    .malformed("body: malformed JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
        }
    }

    /**
     * An object that is written as a string.
     *
     * @param field that has it, for errors
     */
    static ObjectNode object(String field, String text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // said below
        }
        throw ApiException.invalid(field, "expected a JSON object in a string");
    }

    /** An object as Java has it, for templates. */
    static Map<String, Object> map(JsonNode object) {
        return MAPPER.convertValue(object, new TypeReference<Map<String, Object>>() {
        });
    }
}
