package org.quantado.schemes.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * The {@code quantization_config} of a {@code config.json} written by compressed-tensors.
 *
 * @param groups what is quantized and how, in the order of the file
 * @param format layout of the weights of groups that do not name their own; absent means none
 * @param ignore layers that are left alone although a group points at them
 * @param kvCacheScheme how keys and values are quantized, if at all
 * @param status how far the quantization has come
 * @param globalCompressionRatio informative
 * @param version of compressed-tensors that wrote it
 * @param transforms rotations of inputs and outputs of layers while the model runs
 */
public record QuantizationConfig(List<ConfigGroup> groups, Optional<CompressionFormat> format,
        List<Target> ignore,
        Optional<QuantizationArgs> kvCacheScheme, QuantizationStatus status,
        OptionalDouble globalCompressionRatio,
        Optional<String> version, List<Transform> transforms) {

    /** The value of {@code quant_method} that is read here. */
    public static final String QUANT_METHOD = "compressed-tensors";

    private static final String DENSE = CompressionFormat.DENSE.jsonName();
    private static final int KV_CACHE_BITS = 8;

    public QuantizationConfig {
        groups = List.copyOf(groups);
        ignore = List.copyOf(ignore);
        transforms = List.copyOf(transforms);
    }

    /** A config of weights that are stored as codes. */
    public static QuantizationConfig of(List<ConfigGroup> groups, CompressionFormat format, List<Target> ignore,
            Optional<QuantizationArgs> kvCacheScheme) {
        return new QuantizationConfig(groups, Optional.of(format), ignore, kvCacheScheme,
                QuantizationStatus.COMPRESSED, OptionalDouble.empty(), Optional.empty(), List.of());
    }

    /**
     * Reads a {@code quantization_config}.
     *
     * @param file where it is from, for messages
     * @param object the value of the field
     * @throws CheckpointException if compressed-tensors or vLLM would refuse it
     */
    public static QuantizationConfig read(Path file, ObjectNode object) {
        return read(new JsonField(file, ModelConfig.QUANTIZATION_CONFIG, object));
    }

    /** As {@link #read(Path, ObjectNode)}. */
    public static QuantizationConfig read(JsonField config) {
        if (!ModelConfig.quantMethod(config).equals(QUANT_METHOD)) {
            throw config.get(ModelConfig.QUANT_METHOD).refuse(QUANT_METHOD);
        }
        requireNoSparsity(config.get("sparsity_config"));
        return new QuantizationConfig(
                config.get("config_groups").members().entrySet().stream()
                        .map(group -> ConfigGroup.read(group.getKey(), group.getValue())).toList(),
                optional(config, "format").map(CompressionFormat::read),
                optional(config, "ignore").map(JsonField::elements).orElse(List.of()).stream()
                        .map(Target::read)
                        .toList(),
                optional(config, "kv_cache_scheme").map(QuantizationConfig::kvCache),
                optional(config, "quantization_status").map(QuantizationStatus::read)
                        .orElse(QuantizationStatus.INITIALIZED),
                optional(config, "global_compression_ratio").map(field -> OptionalDouble.of(field.number()))
                        .orElse(OptionalDouble.empty()),
                optional(config, "version").map(JsonField::string), Transform.read(config.get("transform_config")));
    }

    private static Optional<JsonField> optional(JsonField config, String name) {
        return Optional.of(config.get(name)).filter(JsonField::isPresent);
    }

    /** A sparsity of format dense is a note about weights that are stored in full. */
    private static void requireNoSparsity(JsonField sparsity) {
        if (!sparsity.isPresent()) {
            return;
        }
        boolean dense = optional(sparsity, "format").map(JsonField::string).filter(DENSE::equals).isPresent();
        if (!dense && sparsity.members().containsKey("targets")
                && sparsity.get("targets").isPresent() && !sparsity.get("targets").elements().isEmpty()) {
            throw sparsity.error("targets of sparsity", "none (Sparsity support has been removed from"
                    + " compressed-tensors. Please use a model without sparsity configuration.)");
        }
    }

    private static QuantizationArgs kvCache(JsonField field) {
        QuantizationArgs scheme = QuantizationArgs.read(field);
        if (scheme.type() != QuantizationType.FLOAT || scheme.numBits() != KV_CACHE_BITS) {
            throw field.error("num_bits=" + scheme.numBits() + ", type=" + scheme.type().jsonName(),
                    "num_bits=8, type=float (Currently supported kv cache quantization)");
        }
        if (scheme.strategy() != QuantizationStrategy.TENSOR
                && scheme.strategy() != QuantizationStrategy.ATTN_HEAD) {
            throw field.error("strategy " + scheme.strategy().jsonName(),
                    "tensor or attn_head for compressed-tensors KV cache");
        }
        if (!scheme.symmetric()) {
            throw field.error("symmetric false",
                    "true (Only support symmetric scaling factor for compressed-tensors KV cache)");
        }
        return scheme;
    }

    /** As compressed-tensors writes it into a {@code config.json}. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode groupsByName = json.putObject("config_groups");
        groups.forEach(group -> groupsByName.set(group.name(), group.toJson()));
        json.put("format", format.map(CompressionFormat::jsonName).orElse(null));
        if (globalCompressionRatio.isPresent()) {
            json.put("global_compression_ratio", globalCompressionRatio.getAsDouble());
        } else {
            json.putNull("global_compression_ratio");
        }
        ArrayNode ignored = json.putArray("ignore");
        ignore.forEach(target -> ignored.add(target.text()));
        json.set("kv_cache_scheme", kvCacheScheme.map(QuantizationArgs::toJson).orElse(null));
        json.put(ModelConfig.QUANT_METHOD, QUANT_METHOD);
        json.put("quantization_status", status.jsonName());
        json.putObject("sparsity_config");
        json.putObject("transform_config");
        json.put("version", version.orElse(null));
        return json;
    }
}
