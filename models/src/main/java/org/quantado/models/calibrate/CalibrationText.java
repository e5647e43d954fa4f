package org.quantado.models.calibrate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

import org.quantado.models.text.ChatMessage;
import org.quantado.models.text.ChatTemplate;
import org.quantado.models.text.Tokenizer;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * Samples of a text to run a model on. They are drawn as llm-compressor draws them: in random order, each once, those of
 * records cut off at the length.
 *
 * <p>A file {@code .jsonl} has a record on each line, {@code {"text": ...}} or {@code {"messages": [...]}}, which goes
 * through the model's chat template; each record is one sample. Any other file is one text in UTF-8, of which all windows
 * of the length are samples.
 *
 * @param chosen ids of the samples that were drawn
 * @param heldBack ids of the others, in the order in which they would be drawn
 */
public record CalibrationText(List<int[]> chosen, List<int[]> heldBack) {
    private static final String RECORDS = ".jsonl";
    private static final String TEXT = "text";
    private static final String MESSAGES = "messages";
    private static final JsonMapper MAPPER = new JsonMapper();

    public CalibrationText {
        chosen = List.copyOf(chosen);
        heldBack = List.copyOf(heldBack);
    }

    /**
     * Draws samples.
     *
     * @param text a file
     * @param model folder of the model, whose tokenizer and chat template are used
     * @param samples how many
     * @param length of a sample in tokens, at most
     * @param seed of the order
     * @throws CheckpointException if the file is not as it should be, or has too few samples
     * @throws IOException if the file cannot be read
     */
    public static CalibrationText draw(Path text, Path model, int samples, int length, long seed) throws IOException {
        List<int[]> all;
        boolean hasRecords = text.toString().toLowerCase(Locale.ROOT).endsWith(RECORDS);
        try (Tokenizer tokenizer = Tokenizer.open(model)) {
            String content = Files.readString(text);
            all = hasRecords
                    ? records(text, content, model, tokenizer, length)
                    : windows(tokenizer.encodeWithSpecialTokens(content), length);
        } catch (CharacterCodingException e) {
            throw new CheckpointException(text.toString(), "bytes that are not UTF-8", "text in UTF-8").causedBy(e);
        }
        if (all.size() < samples) {
            throw new CheckpointException(text.toString(),
                    hasRecords ? all.size() + " records" : all.size() + " windows of " + length + " tokens",
                    samples + " samples: more text, fewer samples, or shorter ones");
        }
        Collections.shuffle(all, new Random(seed));
        return new CalibrationText(all.subList(0, samples), all.subList(samples, all.size()));
    }

    private static List<int[]> windows(int[] ids, int length) {
        List<int[]> windows = new ArrayList<>();
        for (int from = 0; from + length <= ids.length; from += length) {
            windows.add(Arrays.copyOfRange(ids, from, from + length));
        }
        return windows;
    }

    private static List<int[]> records(Path file, String content, Path model, Tokenizer tokenizer, int length) {
        List<int[]> records = new ArrayList<>();
        List<String> lines = content.lines().toList();
        for (int line = 0; line < lines.size(); line++) {
            if (!lines.get(line).isBlank()) {
                int[] ids = record(file, line + 1, lines.get(line), model, tokenizer);
                if (ids.length > 0) {
                    records.add(Arrays.copyOf(ids, Math.min(length, ids.length)));
                }
            }
        }
        return records;
    }

    private static int[] record(Path file, int line, String json, Path model, Tokenizer tokenizer) {
        JsonNode record;
        try {
            record = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file, "line " + line, "no JSON", "an object on each line").causedBy(e);
        }
        if (record.path(TEXT).isTextual() && !record.has(MESSAGES)) {
            return tokenizer.encodeWithSpecialTokens(record.path(TEXT).textValue());
        }
        if (!record.path(MESSAGES).isArray() || record.has(TEXT)) {
            throw new CheckpointException(file, "line " + line, CheckpointException.shorten(json),
                    "an object with either text or messages");
        }
        ChatTemplate template = ChatTemplate.find(model).orElseThrow(() -> new CheckpointException(file,
                "line " + line, "messages for a model without a chat template", "text"));
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : record.path(MESSAGES)) {
            if (!message.isObject()) {
                throw new CheckpointException(file, "line " + line, CheckpointException.shorten(message.toString()),
                        "messages that are objects");
            }
            messages.add(new ChatMessage(MAPPER.convertValue(message, new TypeReference<Map<String, Object>>() {
            })));
        }
        return tokenizer.encode(template.render(messages, Map.of()));
    }
}
