package org.quantado.spark;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

import org.quantado.kernels.codec.BFloat16;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;

/** A checkpoint of random weights, large enough for several tasks. */
final class RandomCheckpoint {
    private static final int WIDTH = 768;
    private static final int BLOCKS = 8;
    private static final String[] LAYERS = {"gate_proj", "up_proj", "down_proj"};
    /** Of all weights that are quantized. */
    static final long LAYER_BYTES = DType.BF16.byteSize((long) BLOCKS * LAYERS.length * WIDTH * WIDTH);
    private static final float SIZE = 0.02f;

    private RandomCheckpoint() {
    }

    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"),
                "{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"llama\", \"torch_dtype\": \"bfloat16\"}");
        SafetensorsLayout layout = new SafetensorsLayout();
        Shape shape = Shape.of(WIDTH, WIDTH);
        layout.tensor("model.embed_tokens.weight", DType.BF16, shape);
        for (int block = 0; block < BLOCKS; block++) {
            for (String layer : LAYERS) {
                layout.tensor("model.layers." + block + ".mlp." + layer + ".weight", DType.BF16, shape);
            }
        }
        Random random = new Random(1);
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"), layout)) {
            for (String name : layout.names()) {
                byte[] bytes = new byte[(int) DType.BF16.byteSize(shape.elements())];
                for (int i = 0; i < shape.elements(); i++) {
                    MemorySegment.ofArray(bytes).setAtIndex(LittleEndian.SHORT, i,
                            BFloat16.fromFloat((float) random.nextGaussian() * SIZE));
                }
                writer.write(name, MemorySegment.ofArray(bytes));
            }
            writer.commit();
        }
        return folder;
    }
}
