package org.quantado.schemes.quantize;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.PythonJson;
import org.quantado.schemes.config.QuantizationConfig;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The files that describe a written checkpoint: its config, and its index where the input has one. */
final class DescribingFiles {
    private DescribingFiles() {
    }

    /**
     * Writes them.
     *
     * @param in folder of the input
     * @param out folder to write to
     * @param shardOfTensor name of the file of each tensor
     * @param bytes of all tensors
     * @param quantization what the config says instead of what that of the input says
     */
    static void write(Path in, Path out, Map<String, String> shardOfTensor, long bytes,
            QuantizationConfig quantization) throws IOException {
        if (Files.exists(in.resolve(Checkpoint.INDEX_FILE_NAME))) {
            ObjectNode index = JsonNodeFactory.instance.objectNode();
            index.putObject("metadata").put("total_size", bytes);
            ObjectNode weightMap = index.putObject("weight_map");
            shardOfTensor.forEach(weightMap::put);
            Files.writeString(out.resolve(Checkpoint.INDEX_FILE_NAME), PythonJson.text(index) + "\n");
        }
        Files.writeString(out.resolve(Checkpoint.CONFIG_FILE_NAME),
                ModelConfig.text(JsonFile.readObject(in.resolve(Checkpoint.CONFIG_FILE_NAME)), quantization));
    }
}
