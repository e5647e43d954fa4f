package org.quantado.schemes.quantize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What of a checkpoint is written already: a line of JSON for each weight of the input, copied or quantized, with the
 * checksums of the tensors that it became and the error of the layer; and one for each file that others have put together.
 * <p>
 * A line is added when its tensors are. A line that a crash has cut off, or whose tensors did not reach the disk, is as
 * good as none: the checksums tell.
 */
final class Journal {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String TENSOR = "tensor";
    private static final String CHECKSUMS = "crc32c";
    private static final String ERROR = "error";
    private static final String PART = "part";
    private static final String SHARD = "shard";

    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> shards = new HashSet<>();

    private Journal(Path file) {
        this.file = file;
    }

    /**
     * What became of a tensor of the input.
     *
     * @param tensor its name
     * @param checksums CRC-32C of the tensors that it became, by name
     * @param error of the layer, if it was quantized
     * @param part name of the {@link Parts part} that the tensors are in, if they are not in the checkpoint's file
     */
    record Entry(String tensor, Map<String, Long> checksums, Optional<LayerError> error, Optional<String> part) {
        /**
         * Reads a line.
         *
         * @throws JsonProcessingException if it is not one of {@link #line}
         */
        static Entry read(String line) throws JsonProcessingException {
            return read(MAPPER.readTree(line));
        }

        private static Entry read(JsonNode json) {
            Map<String, Long> checksums = new LinkedHashMap<>();
            json.path(CHECKSUMS).properties().forEach(sum -> checksums.put(sum.getKey(), sum.getValue().longValue()));
            return new Entry(json.path(TENSOR).textValue(), checksums,
                    Optional.of(json.path(ERROR)).filter(JsonNode::isObject).map(LayerErrorJson::read),
                    Optional.ofNullable(json.path(PART).textValue()));
        }

        /** Without the end of the line. */
        String line() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put(TENSOR, tensor);
            ObjectNode sums = json.putObject(CHECKSUMS);
            checksums.forEach(sums::put);
            error.ifPresent(found -> json.set(ERROR, LayerErrorJson.write(found)));
            part.ifPresent(name -> json.put(PART, name));
            return json.toString();
        }
    }

    /**
     * Reads a journal; where there is no file, nothing is finished.
     *
     * @throws IOException if the disk refuses
     */
    static Journal read(Path file) throws IOException {
        Journal journal = new Journal(file);
        if (Files.exists(file)) {
            new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().forEach(journal::read);
        }
        return journal;
    }

    private void read(String line) {
        try {
            JsonNode json = MAPPER.readTree(line);
            if (json.path(TENSOR).isTextual()) {
                Entry entry = Entry.read(json);
                entries.put(entry.tensor(), entry);
            } else if (json.path(SHARD).isTextual()) {
                shards.add(json.path(SHARD).textValue());
            }
        } catch (JsonProcessingException e) {
            // cut off, or never on the disk: its tensors are written again
        }
    }

    /** What is known of a tensor of the input, if it is finished. */
    Optional<Entry> entry(String tensor) {
        return Optional.ofNullable(entries.get(tensor));
    }

    /** Whether a layer is finished, which is what takes time. */
    boolean hasLayers() {
        return entries.values().stream().anyMatch(entry -> entry.error().isPresent());
    }

    /**
     * Notes that a tensor is finished.
     *
     * @throws IOException if the disk refuses
     */
    void add(Entry entry) throws IOException {
        append(entry.line());
        entries.put(entry.tensor(), entry);
    }

    /** Whether a file is put together. */
    boolean hasShard(String name) {
        return shards.contains(name);
    }

    /**
     * Notes that a file is put together.
     *
     * @throws IOException if the disk refuses
     */
    void addShard(String name) throws IOException {
        append(JsonNodeFactory.instance.objectNode().put(SHARD, name).toString());
        shards.add(name);
    }

    private void append(String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            // begins with a line end, in case that the line before was cut off
            ByteBuffer line = StandardCharsets.UTF_8.encode("\n" + text + "\n");
            while (line.hasRemaining()) {
                channel.write(line);
            }
        }
    }
}
