package org.quantado.models.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.quantado.schemes.checkpoint.CheckpointException;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * What {@code tokenizer.json} says of its vocabulary. It is read token by token, for it may have hundreds of thousands
 * of entries.
 */
final class TokenizerFile {
    static final String NAME = "tokenizer.json";
    /** How a vocabulary with byte fallback writes bytes. */
    private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");
    private static final String BYTE_FALLBACK = "ByteFallback";
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build())
            .build();

    private final Path file;
    private final Set<String> wanted;
    private final Map<String, Integer> ids = new HashMap<>();
    private final BitSet known = new BitSet();
    private final BitSet bytes = new BitSet();
    private final BitSet special = new BitSet();
    private int size;
    private boolean fallsBackToBytes;

    private TokenizerFile(Path file, Set<String> wanted) {
        this.file = file;
        this.wanted = wanted;
    }

    /**
     * Reads it.
     *
     * @param file for errors
     * @param json its content
     * @param wanted tokens whose ids will be asked for
     */
    static TokenizerFile parse(Path file, String json, Set<String> wanted) {
        TokenizerFile tokenizer = new TokenizerFile(file, wanted);
        try (JsonParser parser = MAPPER.createParser(json)) {
            tokenizer.read(parser);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file, "text", "malformed JSON ("
                    + CheckpointException.shorten(e.getOriginalMessage()) + ")", "valid JSON").causedBy(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (tokenizer.size == 0) {
            throw new CheckpointException(file, "model.vocab", "no entries", "a vocabulary");
        }
        if (!tokenizer.fallsBackToBytes) {
            tokenizer.bytes.clear();
        }
        return tokenizer;
    }

    private void read(JsonParser parser) throws IOException {
        require(parser.nextToken() == JsonToken.START_OBJECT, "text", "no JSON object", "a JSON object");
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            switch (name) {
                case "added_tokens" -> readAddedTokens(parser.readValueAsTree());
                case "decoder" -> fallsBackToBytes = parser.<JsonNode>readValueAsTree().findValuesAsText("type")
                        .contains(BYTE_FALLBACK);
                case "model" -> {
                    require(value == JsonToken.START_OBJECT, "model", "no object", "an object");
                    readModel(parser);
                }
                default -> parser.skipChildren();
            }
        }
    }

    private void readModel(JsonParser parser) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (!name.equals("vocab")) {
                parser.skipChildren();
            } else if (value == JsonToken.START_OBJECT) {
                readNamedEntries(parser);
            } else if (value == JsonToken.START_ARRAY) {
                readNumberedEntries(parser);
            } else {
                throw new CheckpointException(file, "model.vocab", "neither of the two", "an object or an array");
            }
        }
    }

    private void readNamedEntries(JsonParser parser) throws IOException {
        for (String token = parser.nextFieldName(); token != null; token = parser.nextFieldName()) {
            int id = parser.nextIntValue(-1);
            require(id >= 0, "model.vocab", CheckpointException.quote(token) + " without an id", "an id");
            add(token, id);
        }
    }

    /** Of a unigram model: pairs of token and score. */
    private void readNumberedEntries(JsonParser parser) throws IOException {
        for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
            String token = parser.nextTextValue();
            require(token != null, "model.vocab." + id, "no string", "a token and its score");
            parser.nextToken();
            require(parser.nextToken() == JsonToken.END_ARRAY, "model.vocab." + id, "more", "a token and its score");
            add(token, id);
        }
    }

    private void readAddedTokens(JsonNode tokens) {
        for (JsonNode token : tokens) {
            JsonNode id = token.path("id");
            JsonNode content = token.path("content");
            require(id.isInt() && id.intValue() >= 0 && content.isTextual(), "added_tokens",
                    "one without id or content", "id and content");
            add(content.textValue(), id.intValue());
            special.set(id.intValue(), token.path("special").asBoolean());
        }
    }

    private void add(String token, int id) {
        if (wanted.contains(token)) {
            ids.put(token, id);
        }
        size = Math.max(size, id + 1);
        known.set(id);
        bytes.set(id, BYTE.matcher(token).matches());
    }

    private void require(boolean holds, String where, String found, String expected) {
        if (!holds) {
            throw new CheckpointException(file, where, found, expected);
        }
    }

    /** One more than the largest id. */
    int size() {
        return size;
    }

    /** The id of a token that was wanted, if there is one. */
    Optional<Integer> id(String token) {
        return Optional.ofNullable(ids.get(token));
    }

    /** Whether a token stands for one byte of UTF-8. */
    boolean isByte(int id) {
        return bytes.get(id);
    }

    /** Whether an id has text: there is such a token, and it is no special one. */
    boolean isText(int id) {
        return known.get(id) && !special.get(id);
    }
}
