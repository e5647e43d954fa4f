package org.quantado.schemes.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.StackLayout;

/**
 * The facts of a {@code config.json} that layers depend on.
 *
 * @param modelType such as {@code llama}
 * @param architectures class names of the model
 * @param dtype type of the unquantized weights and of activations
 * @param quantMethod the dialect in which the checkpoint says how it is quantized, if it is
 * @param quantization how the checkpoint is quantized, if it is
 */
public record ModelConfig(Optional<String> modelType, List<String> architectures, Optional<TorchDType> dtype,
        Optional<String> quantMethod, Optional<QuantizationConfig> quantization) {
    /** Of a checkpoint without a config. */
    public static final ModelConfig NONE = new ModelConfig(Optional.empty(), List.of(), Optional.empty(),
            Optional.empty(), Optional.empty());
    /** The field of a {@code quantization_config} that names its dialect. */
    public static final String QUANT_METHOD = "quant_method";

    static final String QUANTIZATION_CONFIG = "quantization_config";

    /** Multimodal models keep the facts of their language model apart. */
    private static final String TEXT_CONFIG = "text_config";
    /** What checkpoints of compressed-tensors' first versions call it. */
    private static final String COMPRESSION_CONFIG = "compression_config";

    public ModelConfig {
        architectures = List.copyOf(architectures);
    }

    /**
     * Reads the config beside a checkpoint; without one nothing is known.
     *
     * @throws CheckpointException if there is one, and it is wrong
     */
    public static ModelConfig of(Checkpoint checkpoint) {
        return checkpoint.configFile().map(ModelConfig::read).orElse(NONE);
    }

    /** As {@link #read(Path, Function)}, for a config that compressed-tensors has written. */
    public static ModelConfig read(Path file) {
        return read(file, QuantizationConfig::read);
    }

    /**
     * Reads a {@code config.json}.
     *
     * @param quantization reads the {@code quantization_config}
     * @throws CheckpointException if it is not JSON, or one of the fields that are read has a wrong value
     */
    public static ModelConfig read(Path file, Function<JsonField, QuantizationConfig> quantization) {
        JsonField config = JsonField.root(file, JsonFile.readObject(file));
        Optional<JsonField> quantizationConfig = quantizationConfig(config);
        return new ModelConfig(
                first(config.get("model_type")).map(JsonField::string),
                first(config.get("architectures")).map(JsonField::strings).orElse(List.of()),
                first(config.get("torch_dtype"), config.get("dtype"),
                        config.get(TEXT_CONFIG).get("torch_dtype"),
                        config.get(TEXT_CONFIG).get("dtype")).map(TorchDType::read),
                quantizationConfig.map(ModelConfig::quantMethod), quantizationConfig.map(quantization));
    }

    private static Optional<JsonField> quantizationConfig(JsonField config) {
        return first(config.get(QUANTIZATION_CONFIG), config.get(TEXT_CONFIG).get(QUANTIZATION_CONFIG),
                config.get(COMPRESSION_CONFIG));
    }

    /**
     * The {@code quantization_config} of a {@code config.json}, if it has one.
     *
     * @throws CheckpointException if it is not JSON
     */
    public static Optional<JsonField> quantizationConfig(Path file) {
        return quantizationConfig(JsonField.root(file, JsonFile.readObject(file)));
    }

    /** The same model, of which another file says how it is quantized. */
    public ModelConfig quantizedBy(String method, QuantizationConfig config) {
        return new ModelConfig(modelType, architectures, dtype, Optional.of(method), Optional.of(config));
    }

    /** The dialect of a {@code quantization_config}; compressed-tensors once wrote none. */
    public static String quantMethod(JsonField config) {
        return first(config.get(QUANT_METHOD)).map(JsonField::string).orElse(QuantizationConfig.QUANT_METHOD);
    }

    /** The same model, quantized as compressed-tensors says. */
    public ModelConfig withQuantization(QuantizationConfig other) {
        return new ModelConfig(modelType, architectures, dtype, Optional.of(QuantizationConfig.QUANT_METHOD),
                Optional.of(other));
    }

    /** How unquantized experts are stacked in one tensor, if the family stacks them. */
    public Optional<StackLayout> stackLayout() {
        return modelType.flatMap(StackLayout::of);
    }

    /**
     * The text of a config with another {@code quantization_config}, as compressed-tensors writes it: sorted, two
     * blanks deep, ASCII only.
     *
     * @param config a whole config, left as it is
     */
    public static String text(ObjectNode config, QuantizationConfig quantization) {
        ObjectNode changed = config.deepCopy();
        changed.remove(COMPRESSION_CONFIG);
        if (changed.get(TEXT_CONFIG) instanceof ObjectNode text) {
            text.remove(QUANTIZATION_CONFIG);
        }
        changed.set(QUANTIZATION_CONFIG, quantization.toJson());
        return PythonJson.text(changed);
    }

    private static Optional<JsonField> first(JsonField... candidates) {
        return Stream.of(candidates).filter(JsonField::isPresent).findFirst();
    }
}
