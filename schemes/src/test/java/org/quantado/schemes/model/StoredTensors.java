package org.quantado.schemes.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.quantado.schemes.checkpoint.DType;

/** The tensors of a safetensors file in memory, to be changed and written again. */
final class StoredTensors {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Stored> tensors = new ArrayList<>();

    /** A tensor with its bytes. */
    @SuppressWarnings("ArrayRecordComponent")
    record Stored(String name, ObjectNode info, byte[] bytes) {
    }

    private StoredTensors() {
    }

    static StoredTensors read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong();
        ObjectNode header = (ObjectNode) JSON
                .readTree(new String(bytes.array(), Long.BYTES, length, StandardCharsets.UTF_8));
        header.remove("__metadata__");
        StoredTensors read = new StoredTensors();
        header.properties().forEach(entry -> {
            JsonNode offsets = entry.getValue().path("data_offsets");
            byte[] data = new byte[offsets.path(1).intValue() - offsets.path(0).intValue()];
            bytes.get(Long.BYTES + length + offsets.path(0).intValue(), data);
            read.tensors.add(new Stored(entry.getKey(), (ObjectNode) entry.getValue(), data));
        });
        return read;
    }

    void write(Path file) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (Stored tensor : tensors) {
            ObjectNode info = tensor.info.deepCopy();
            info.putArray("data_offsets").add(data.size()).add(data.size() + tensor.bytes.length);
            header.set(tensor.name, info);
            data.writeBytes(tensor.bytes);
        }
        byte[] json = JSON.writeValueAsBytes(header);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        written.writeBytes(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array());
        written.writeBytes(json);
        data.writeTo(written);
        Files.write(file, written.toByteArray());
    }

    List<Stored> all() {
        return tensors;
    }

    /** The only tensor whose name ends so. */
    Stored ending(String ending) {
        List<Stored> found = tensors.stream().filter(tensor -> tensor.name.endsWith(ending)).toList();
        if (found.size() != 1) {
            throw new IllegalStateException(found.size() + " tensors end with " + ending);
        }
        return found.getFirst();
    }

    void remove(String name) {
        tensors.removeIf(tensor -> tensor.name.equals(name));
    }

    /** Adds a tensor, or puts it in the place of the one of its name. */
    void put(String name, DType dtype, List<Integer> shape, byte[] bytes) {
        ObjectNode info = JSON.createObjectNode();
        info.put("dtype", dtype.name());
        ArrayNode dimensions = info.putArray("shape");
        shape.forEach(dimensions::add);
        remove(name);
        tensors.add(new Stored(name, info, bytes));
    }

    static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(bytes::putInt);
        return bytes.array();
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }
}
