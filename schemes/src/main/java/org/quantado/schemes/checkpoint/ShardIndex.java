package org.quantado.schemes.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@value Checkpoint#INDEX_FILE_NAME}: which shard of a checkpoint holds which tensor.
 *
 * @param file the index itself
 * @param shards file name by tensor name, in the order of the index
 */
record ShardIndex(Path file, Map<String, String> shards) {
    private static final String WEIGHT_MAP = "weight_map";
    private static final String SHARD_SUFFIX = ".safetensors";

    /**
     * Reads an index.
     *
     * @throws CheckpointException if it is not an object with a {@code weight_map} of names of files beside it
     */
    static ShardIndex read(Path file) {
        try {
            Json.requireSize(file, SafetensorsFile.LONGEST_HEADER);
            try (JsonParser json = Json.HEADER.createParser(Json.utf8(Files.newInputStream(file)))) {
                return new ShardIndex(file, weightMap(file, json));
            }
        } catch (IOException e) {
            throw Json.malformed(file, "index", e);
        }
    }

    private static Map<String, String> weightMap(Path file, JsonParser json) throws IOException {
        Map<String, String> shards = null;
        require(file, "index", json, JsonToken.START_OBJECT, "a JSON object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            if (json.currentName().equals(WEIGHT_MAP)) {
                shards = shards(file, json);
            } else {
                json.nextToken();
                json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw new CheckpointException(file, "index", "more JSON after its object",
                    "nothing but white space");
        }
        if (shards == null) {
            throw new CheckpointException(file, "index", "no " + WEIGHT_MAP, "a file name for each tensor");
        }
        return shards;
    }

    private static Map<String, String> shards(Path file, JsonParser json) throws IOException {
        Map<String, String> shards = new LinkedHashMap<>();
        require(file, WEIGHT_MAP, json, JsonToken.START_OBJECT, "an object of file names");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String tensor = json.currentName();
            String where = WEIGHT_MAP + " " + CheckpointException.quote(tensor);
            require(file, where, json, JsonToken.VALUE_STRING, "a file name");
            shards.put(tensor, beside(file, where, json.getText()));
        }
        return shards;
    }

    /** A shard lies beside its index; a name that leads anywhere else is refused. */
    private static String beside(Path file, String where, String name) {
        boolean plain = name.endsWith(SHARD_SUFFIX)
                && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':'
                        || Character.isISOControl(c));
        if (!plain) {
            throw new CheckpointException(file, where, CheckpointException.quote(name),
                    "the name of a " + SHARD_SUFFIX + " file beside the index");
        }
        return name;
    }

    private static void require(Path file, String where, JsonParser json, JsonToken token, String expected)
            throws IOException {
        if (json.nextToken() != token) {
            throw new CheckpointException(file, where, Json.describe(json), expected);
        }
    }
}
