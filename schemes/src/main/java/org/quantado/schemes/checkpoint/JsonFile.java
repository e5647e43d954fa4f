package org.quantado.schemes.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small JSON file of a checkpoint, such as {@code config.json}, as a tree. */
public final class JsonFile {
    /** Far above any real config; a tree takes many times the size of its text. */
    private static final long LONGEST_FILE = 10_000_000;

    /** Python writes infinities and NaN into configs, so they are read. */
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build()).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private JsonFile() {
    }

    /**
     * Reads a file that holds one JSON object.
     *
     * @throws CheckpointException if it cannot be read, is not JSON, names a field twice or is not an object
     */
    public static ObjectNode readObject(Path file) {
        try {
            Json.requireSize(file, LONGEST_FILE);
            try (InputStream in = Files.newInputStream(file)) {
                return readObject(file, in);
            }
        } catch (IOException e) {
            throw Json.malformed(file, "text", e);
        }
    }

    /**
     * Reads what holds one JSON object.
     *
     * @param file what it is called in messages
     * @param in closed in the end
     * @throws CheckpointException if it cannot be read, is not JSON, names a field twice or is not an object
     */
    public static ObjectNode readObject(Path file, InputStream in) {
        try {
            JsonNode tree = MAPPER.readTree(Json.utf8(in));
            if (!(tree instanceof ObjectNode object)) {
                throw new CheckpointException(file.toString(), "no JSON object", "a JSON object");
            }
            return object;
        } catch (IOException e) {
            throw Json.malformed(file, "text", e);
        }
    }
}
