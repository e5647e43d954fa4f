package org.quantado.schemes.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The JSON of checkpoint files: always UTF-8, a name at most once in an object. */
final class Json {
    /** Reads headers and indexes token by token. Strings may be as long as a header, names as the default allows. */
    static final JsonFactory HEADER = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength((int) SafetensorsFile.LONGEST_HEADER)
                    .build())
            .build();

    /** Such as {@code (start marker at [Source: ...; line: 1, column: 1])}. */
    private static final Pattern PARSERS_PLACE = Pattern
            .compile("\\s*\\([^()]*\\[Source:.*?\\]\\)|\\s*at \\[Source:.*?\\]");

    private Json() {
    }

    /** UTF-8 and nothing else; a parser left to itself would guess among five encodings. */
    static Reader utf8(InputStream in) {
        return new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT));
    }

    /** Refuses what is not a regular file, or is longer than a file of its kind can sensibly be. */
    static void requireSize(Path file, long most) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file.toString(), "something that is not a regular file",
                    "a JSON file");
        }
        long size = Files.size(file);
        if (size > most) {
            throw new CheckpointException(file.toString(), size + " bytes", "at most " + most);
        }
    }

    /** What the parser makes of a text that is not JSON, as ours. */
    static CheckpointException malformed(Path file, String where, IOException cause) {
        if (cause instanceof CharacterCodingException) {
            return new CheckpointException(file, where, "bytes that are not UTF-8", "valid JSON")
                    .causedBy(cause);
        }
        if (!(cause instanceof JsonProcessingException json)) {
            return SafetensorsFile.unreadable(file, cause);
        }
        JsonLocation at = json.getLocation();
        String place = at == null ? "" : " in line " + at.getLineNr() + ", column " + at.getColumnNr();
        return new CheckpointException(file, where, "malformed JSON" + place + " (" + complaint(json) + ")",
                "valid JSON").causedBy(cause);
    }

    /** The parser's sentence without its own account of places, which says that it does not tell the source. */
    private static String complaint(JsonProcessingException json) {
        String sentence = PARSERS_PLACE.matcher(json.getOriginalMessage()).replaceAll("");
        return CheckpointException.shorten(sentence.replaceAll("\\s+", " ").strip());
    }

    /** The token that the parser stands at, for a message. */
    static String describe(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case null -> "the end of the text";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the string " + CheckpointException.quote(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> CheckpointException.shorten(parser.getText());
            case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> parser.getText();
            default -> "the end of it";
        };
    }
}
