package org.quantado.moe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A checkpoint of random bfloat16 tensors. */
final class BlockFolder {
    private final Map<String, long[]> shapes = new LinkedHashMap<>();
    private final Map<String, float[]> values = new LinkedHashMap<>();
    private final Random random = new Random(11);

    /** Experts of the names that most models have. */
    static BlockFolder ofExperts(String block, int experts, int hidden, int intermediate) {
        return new BlockFolder().experts(block, ExpertNames.GATE_UP_DOWN, experts, hidden, intermediate);
    }

    BlockFolder experts(String block, ExpertNames names, int experts, int hidden, int intermediate) {
        for (int e = 0; e < experts; e++) {
            String expert = block + ".experts." + e + ".";
            names.gateUp().forEach(name -> tensor(expert + name + ".weight", intermediate, hidden));
            tensor(expert + names.down() + ".weight", hidden, intermediate);
        }
        return this;
    }

    /** A tensor whose last dimension's sums of squares are about 1. */
    BlockFolder tensor(String name, long... shape) {
        float[] drawn = new float[Math.toIntExact(Shape.of(shape).elements())];
        double scale = 1 / Math.sqrt((double) shape[shape.length - 1]);
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = BFloat16.round((float) (random.nextGaussian() * scale));
        }
        shapes.put(name, shape.clone());
        values.put(name, drawn);
        return this;
    }

    BlockFolder without(String name) {
        shapes.remove(name);
        values.remove(name);
        return this;
    }

    /** Names of all tensors. */
    List<String> names() {
        return List.copyOf(shapes.keySet());
    }

    /** The same tensor under another name. */
    BlockFolder renamed(String from, String to) {
        shapes.put(to, shapes.remove(from));
        values.put(to, values.remove(from));
        return this;
    }

    float[] values(String name) {
        return values.get(name);
    }

    /** Writes {@code model.safetensors} and {@code config.json}. */
    Path write(Path folder, String config) {
        SafetensorsLayout layout = new SafetensorsLayout();
        shapes.forEach((name, shape) -> layout.tensor(name, DType.BF16, Shape.of(shape)));
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"), layout)) {
            for (var tensor : values.entrySet()) {
                short[] bits = new short[tensor.getValue().length];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = (short) (Float.floatToRawIntBits(tensor.getValue()[i]) >>> Short.SIZE);
                }
                writer.write(tensor.getKey(), MemorySegment.ofArray(bits));
            }
            writer.commit();
            Files.writeString(folder.resolve("config.json"), config);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Values of tokens or logits. */
    static FloatArray gaussian(int size, long seed) {
        Random random = new Random(seed);
        FloatArray drawn = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            drawn.set(i, BFloat16.round((float) random.nextGaussian()));
        }
        return drawn;
    }
}
