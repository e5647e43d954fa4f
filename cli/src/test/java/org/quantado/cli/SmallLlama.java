package org.quantado.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

import org.quantado.kernels.codec.BFloat16;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;

/**
 * Makes a bf16 checkpoint of one decoder layer of a small Llama, with the features of trained weights that make
 * quantization hard: a few input channels and a few rows are many times larger than the rest.
 */
public final class SmallLlama {
    private static final int HIDDEN = 512;

    private static final int KEYS = 128;
    private static final int INTERMEDIATE = 1408;
    private static final double SIGMA = 0.02;
    private static final int COLUMNS_PER_OUTLIER = 64;
    private static final int ROWS_PER_OUTLIER = 128;
    private static final Range COLUMN_GAIN = new Range(20, 50);
    private static final Range ROW_GAIN = new Range(4, 10);

    private static final String ATTENTION = "model.layers.0.self_attn.";
    private static final String MLP = "model.layers.0.mlp.";

    private static final List<Layer> MODULES = List.of(
            new Layer(ATTENTION + "q_proj", HIDDEN, HIDDEN),
            new Layer(ATTENTION + "k_proj", KEYS, HIDDEN),
            new Layer(ATTENTION + "v_proj", KEYS, HIDDEN),
            new Layer(ATTENTION + "o_proj", HIDDEN, HIDDEN),
            new Layer(MLP + "gate_proj", INTERMEDIATE, HIDDEN),
            new Layer(MLP + "up_proj", INTERMEDIATE, HIDDEN),
            new Layer(MLP + "down_proj", HIDDEN, INTERMEDIATE));

    private static final String CONFIG = """
            {
              "architectures": ["LlamaForCausalLM"],
              "hidden_size": %d,
              "intermediate_size": %d,
              "model_type": "llama",
              "num_hidden_layers": 1,
              "torch_dtype": "bfloat16"
            }
            """;
    private static final ValueLayout.OfShort LE_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * A linear layer, or what is stacked to one.
     *
     * @param name full name
     * @param outputs N
     * @param inputs K
     */
    private record Layer(String name, int outputs, int inputs) {
    }

    private record Range(double from, double to) {
        double draw(Random random) {
            return from + (to - from) * random.nextDouble();
        }
    }

    private SmallLlama() {
    }

    /**
     * Writes the checkpoint into a folder that has none. The same numbers come out each time.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is one
     */
    public static void write(Path folder) throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout().metadata("format", "pt");
        MODULES.forEach(layer -> layout.tensor(layer.name + ".weight", DType.BF16,
                Shape.of(layer.outputs, layer.inputs)));
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve(Checkpoint.SINGLE_FILE_NAME), layout)) {
            for (Layer layer : MODULES) {
                writer.write(layer.name + ".weight", weight(layer));
            }
            Files.writeString(folder.resolve(Checkpoint.CONFIG_FILE_NAME), CONFIG.formatted(HIDDEN, INTERMEDIATE));
            writer.commit();
        }
    }

    private static MemorySegment weight(Layer layer) {
        Random random = new Random(layer.name.hashCode());
        double[] columnGains = gains(random, layer.inputs, COLUMNS_PER_OUTLIER, COLUMN_GAIN);
        double[] rowGains = gains(random, layer.outputs, ROWS_PER_OUTLIER, ROW_GAIN);
        MemorySegment bytes = MemorySegment.ofArray(new byte[layer.outputs * layer.inputs * Short.BYTES]);
        for (int n = 0; n < layer.outputs; n++) {
            for (int k = 0; k < layer.inputs; k++) {
                double value = SIGMA * rowGains[n] * columnGains[k] * random.nextGaussian();
                bytes.setAtIndex(LE_SHORT, n * (long) layer.inputs + k, BFloat16.fromFloat((float) value));
            }
        }
        return bytes;
    }

    private static double[] gains(Random random, int size, int perOutlier, Range range) {
        double[] gains = new double[size];
        for (int i = 0; i < size; i++) {
            gains[i] = random.nextInt(perOutlier) == 0 ? range.draw(random) : 1;
        }
        return gains;
    }
}
