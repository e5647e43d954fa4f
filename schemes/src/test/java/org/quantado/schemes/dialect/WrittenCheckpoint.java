package org.quantado.schemes.dialect;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;

/** A checkpoint that a test writes. */
final class WrittenCheckpoint {
    private final SafetensorsLayout layout = new SafetensorsLayout();
    private final Map<String, byte[]> bytes = new LinkedHashMap<>();

    WrittenCheckpoint ints(String name, int[] values, long... shape) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(values);
        return bytes(name, DType.I32, buffer.array(), shape);
    }

    WrittenCheckpoint floats(String name, float[] values, long... shape) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return bytes(name, DType.F32, buffer.array(), shape);
    }

    WrittenCheckpoint bytes(String name, DType dtype, byte[] values, long... shape) {
        layout.tensor(name, dtype, Shape.of(shape));
        bytes.put(name, values);
        return this;
    }

    /** @param quantization the {@code quantization_config}, in which ' stands for " */
    Path writeTo(Path folder, String quantization) throws IOException {
        Files.writeString(folder.resolve("config.json"),
                ("{'model_type':'llama','torch_dtype':'float16','quantization_config':" + quantization + "}")
                        .replace('\'', '"'));
        try (SafetensorsWriter writer = SafetensorsWriter.createOrReplace(folder.resolve("model.safetensors"),
                layout)) {
            for (Map.Entry<String, byte[]> tensor : bytes.entrySet()) {
                writer.write(tensor.getKey(), MemorySegment.ofArray(tensor.getValue()));
            }
            writer.commit();
        }
        return folder;
    }
}
