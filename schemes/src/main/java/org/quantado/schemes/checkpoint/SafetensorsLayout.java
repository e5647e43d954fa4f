package org.quantado.schemes.checkpoint;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tensors a safetensors file will have, before any of their bytes are there.
 * <p>
 * The order on disk is that of the format's reference implementation, so that the same tensors give the same
 * file: the most aligned types first, then by name.
 */
public final class SafetensorsLayout {
    /** The header is padded with blanks to a multiple of this, so that data of any type is aligned. */
    private static final int ALIGNMENT = 8;

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(String name, DType dtype, Shape shape) {
    }

    /** Adds a note to the header, such as {@code format: pt}. */
    public SafetensorsLayout metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /**
     * Adds a tensor.
     *
     * @throws IllegalArgumentException if there is one of this name already, or it cannot be in a file
     */
    public SafetensorsLayout tensor(String name, DType dtype, Shape shape) {
        if (name.equals(SafetensorsHeader.METADATA) || entries.containsKey(name)) {
            throw new IllegalArgumentException("the name " + name + " is taken");
        }
        entries.put(name, new Entry(name, dtype, shape));
        return this;
    }

    /** Bytes of all tensors, without the header. */
    public long dataSize() {
        return entries.values().stream().mapToLong(entry -> entry.dtype.byteSize(entry.shape.elements()))
                .reduce(0, Math::addExact);
    }

    /** Names of all tensors. */
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** The tensors where they will lie, by name, in the order of the data. */
    Map<String, TensorInfo> placed() {
        List<Entry> ordered = new ArrayList<>(entries.values());
        ordered.sort(Comparator.comparing(Entry::dtype).reversed().thenComparing(Entry::name));
        Map<String, TensorInfo> placed = LinkedHashMap.newLinkedHashMap(ordered.size());
        long offset = 0;
        for (Entry entry : ordered) {
            long byteSize = entry.dtype.byteSize(entry.shape.elements());
            placed.put(entry.name, new TensorInfo(entry.name, entry.dtype, entry.shape, offset, byteSize));
            offset = Math.addExact(offset, byteSize);
        }
        return Collections.unmodifiableMap(placed);
    }

    /** The header of a file with these tensors, padded, without its length. */
    byte[] header(Map<String, TensorInfo> placed) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.HEADER.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafetensorsHeader.METADATA);
                for (Map.Entry<String, String> note : metadata.entrySet()) {
                    json.writeStringField(note.getKey(), note.getValue());
                }
                json.writeEndObject();
            }
            for (TensorInfo tensor : placed.values()) {
                write(json, tensor);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return padded(bytes.toByteArray());
    }

    private static void write(JsonGenerator json, TensorInfo tensor) throws IOException {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField(SafetensorsHeader.DTYPE, tensor.dtype().name());
        json.writeArrayFieldStart(SafetensorsHeader.SHAPE);
        for (int i = 0; i < tensor.shape().rank(); i++) {
            json.writeNumber(tensor.shape().dimension(i));
        }
        json.writeEndArray();
        json.writeArrayFieldStart(SafetensorsHeader.DATA_OFFSETS);
        json.writeNumber(tensor.offset());
        json.writeNumber(tensor.end());
        json.writeEndArray();
        json.writeEndObject();
    }

    private static byte[] padded(byte[] json) {
        byte[] header = Arrays.copyOf(json, Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT);
        Arrays.fill(header, json.length, header.length, (byte) ' ');
        return header;
    }
}
