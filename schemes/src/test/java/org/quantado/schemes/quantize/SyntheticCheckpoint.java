package org.quantado.schemes.quantize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;

/** A small checkpoint folder with weights like those of language models: a few large rows, columns and zeros. */
final class SyntheticCheckpoint {
    static final String BLOCK = "model.layers.0.";
    static final List<String> LAYERS = List.of(BLOCK + "self_attn.q_proj", BLOCK + "self_attn.k_proj",
            BLOCK + "self_attn.v_proj", BLOCK + "self_attn.o_proj", BLOCK + "mlp.gate_proj",
            BLOCK + "mlp.up_proj", BLOCK + "mlp.down_proj");

    private static final int HIDDEN = 128;
    /** No multiple of the rows of a block. */
    private static final int INTERMEDIATE = 256 + 128;
    private static final int RAGGED = 160;
    private static final int ZERO_ROW = 3;
    private static final int LARGE = 7;

    private final DType dtype;
    private final Random random;
    private final List<Map<String, Shape>> shards = new ArrayList<>();

    private SyntheticCheckpoint(DType dtype, long seed) {
        this.dtype = dtype;
        this.random = new Random(seed);
    }

    /** One block of a model in two shards, with all that surrounds it, and files of a tokenizer. */
    static Path llama(Path folder, DType dtype, long seed) throws IOException {
        Map<String, Shape> first = new LinkedHashMap<>();
        first.put("model.embed_tokens.weight", Shape.of(RAGGED, HIDDEN));
        first.put(BLOCK + "input_layernorm.weight", Shape.of(HIDDEN));
        first.put(BLOCK + "self_attn.q_proj.weight", Shape.of(HIDDEN, HIDDEN));
        first.put(BLOCK + "self_attn.q_proj.bias", Shape.of(HIDDEN));
        first.put(BLOCK + "self_attn.k_proj.weight", Shape.of(RAGGED, HIDDEN));
        first.put(BLOCK + "mlp.gate_proj.weight", Shape.of(INTERMEDIATE, HIDDEN));
        Map<String, Shape> second = new LinkedHashMap<>();
        second.put(BLOCK + "self_attn.v_proj.weight", Shape.of(RAGGED, HIDDEN));
        second.put(BLOCK + "self_attn.o_proj.weight", Shape.of(HIDDEN, HIDDEN));
        second.put(BLOCK + "mlp.up_proj.weight", Shape.of(INTERMEDIATE, HIDDEN));
        second.put(BLOCK + "mlp.down_proj.weight", Shape.of(HIDDEN, INTERMEDIATE));
        second.put("lm_head.weight", Shape.of(RAGGED, HIDDEN));
        SyntheticCheckpoint checkpoint = new SyntheticCheckpoint(dtype, seed);
        checkpoint.shards.add(first);
        checkpoint.shards.add(second);
        checkpoint.write(folder);
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        Files.createDirectories(folder.resolve("chat"));
        Files.writeString(folder.resolve("chat/template.jinja"), "{{ messages }}");
        return folder;
    }

    /** The tensors and the config of a checkpoint, in one file. */
    static Path single(Path folder, Path sharded) throws IOException {
        Files.createDirectories(folder);
        Files.copy(sharded.resolve("config.json"), folder.resolve("config.json"));
        SafetensorsLayout layout = new SafetensorsLayout();
        try (Checkpoint checkpoint = Checkpoint.open(sharded)) {
            checkpoint.infos().values().forEach(info -> layout.tensor(info.name(), info.dtype(), info.shape()));
            try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"), layout)) {
                for (String name : checkpoint.names()) {
                    writer.write(name, checkpoint.tensor(name).data());
                }
                writer.commit();
            }
        }
        return folder;
    }

    /** Five inputs of every layer of {@link #llama}, in one file. */
    static Path inputs(Path folder) throws IOException {
        Path file = folder.resolve("inputs.safetensors");
        if (!Files.exists(file)) {
            Map<String, Shape> inputs = new LinkedHashMap<>();
            LAYERS.forEach(layer -> inputs.put(layer + ".x",
                    Shape.of(5, layer.endsWith("down_proj") ? INTERMEDIATE : HIDDEN)));
            new SyntheticCheckpoint(DType.BF16, 0).write(file, inputs);
        }
        return file;
    }

    /** Any tensors, in as many shards as there are maps. */
    static Path of(Path folder, DType dtype, long seed, List<Map<String, Shape>> shards) throws IOException {
        SyntheticCheckpoint checkpoint = new SyntheticCheckpoint(dtype, seed);
        checkpoint.shards.addAll(shards);
        checkpoint.write(folder);
        return folder;
    }

    private void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        StringBuilder index = new StringBuilder("{\"weight_map\": {");
        for (int shard = 0; shard < shards.size(); shard++) {
            String name = String.format("model-%05d-of-%05d.safetensors", shard + 1, shards.size());
            write(folder.resolve(name), shards.get(shard));
            for (String tensor : shards.get(shard).keySet()) {
                index.append(index.charAt(index.length() - 1) == '{' ? "" : ", ")
                        .append('"').append(tensor).append("\": \"").append(name).append('"');
            }
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.append("}}").toString());
        Files.writeString(folder.resolve("config.json"),
                "{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\", \"torch_dtype\": \""
                        + (dtype == DType.BF16 ? "bfloat16" : dtype == DType.F16 ? "float16" : "float32") + "\"}");
    }

    private void write(Path file, Map<String, Shape> tensors) throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout();
        tensors.forEach((name, shape) -> layout.tensor(name, dtype, shape));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            tensors.forEach((name, shape) -> write(writer, name, values(shape)));
            writer.commit();
        }
    }

    private void write(SafetensorsWriter writer, String name, float[] values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(dtype.byteSize(values.length));
            for (int i = 0; i < values.length; i++) {
                switch (dtype) {
                    case BF16 -> bytes.setAtIndex(LittleEndian.SHORT, i, BFloat16.fromFloat(values[i]));
                    case F16 -> bytes.setAtIndex(LittleEndian.SHORT, i, Float.floatToFloat16(values[i]));
                    default -> bytes.setAtIndex(LittleEndian.FLOAT, i, values[i]);
                }
            }
            writer.write(name, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private float[] values(Shape shape) {
        int columns = (int) shape.dimension(shape.rank() - 1);
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            int row = i / columns;
            boolean zero = row == ZERO_ROW && shape.rank() > 1;
            boolean large = row % LARGE == 0 || i % columns == LARGE;
            values[i] = zero ? 0 : (float) random.nextGaussian() * (large ? 0.5f : 0.02f);
        }
        return values;
    }
}
