package org.quantado.schemes.dialect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.Target;

/**
 * bitsandbytes' 4-bit formats, NF4 and FP4: codes of a table of 16 values, and the largest magnitude of each block as its
 * scale, which may be quantized itself.
 *
 * <p>Source: bitsandbytes, {@code quantize_4bit} and {@code QuantState}; transformers, {@code BitsAndBytesConfig}.
 */
final class Bitsandbytes implements Dialect {
    private static final String LOAD_IN_4_BIT = "load_in_4bit";
    private static final String LOAD_IN_8_BIT = "load_in_8bit";
    private static final String STORAGE = "bnb_4bit_quant_storage";
    private static final String TYPE = "bnb_4bit_quant_type";
    private static final String SKIPPED = "llm_int8_skip_modules";
    /** The last ones repeat what the tensors say, or are of other formats. */
    private static final Set<String> FIELDS = Set.of(ModelConfig.QUANT_METHOD, LOAD_IN_4_BIT, LOAD_IN_8_BIT, STORAGE,
            TYPE, SKIPPED, "_load_in_4bit", "_load_in_8bit", "bnb_4bit_compute_dtype", "bnb_4bit_use_double_quant",
            "llm_int8_enable_fp32_cpu_offload", "llm_int8_has_fp16_weight", "llm_int8_threshold");
    private static final String WEIGHT = ".weight";

    @Override
    public List<String> quantMethods() {
        return List.of("bitsandbytes");
    }

    @Override
    public Reading read(JsonField config, Checkpoint checkpoint) {
        config.requireOnly(FIELDS);
        config.get(LOAD_IN_8_BIT).optional().filter(JsonField::bool).ifPresent(is8Bit -> {
            throw is8Bit.refuse("false, for weights of 4 bits");
        });
        JsonField is4Bit = config.get(LOAD_IN_4_BIT);
        if (!is4Bit.bool()) {
            throw is4Bit.refuse("true");
        }
        config.get(STORAGE).optional().filter(storage -> !storage.string().equals("uint8")).ifPresent(storage -> {
            throw storage.refuse("uint8");
        });
        Map<String, BlockwiseWeight> weights = weights(checkpoint);
        JsonField type = config.get(TYPE);
        weights.values().stream().filter(weight -> !weight.type().jsonName().equals(type.string())).findFirst()
                .ifPresent(weight -> {
                    throw type.refuse("what the layers have, such as " + weight.type().jsonName());
                });
        return Reading.of(config(weights, SkippedModules.read(config, SKIPPED)), checkpoint,
                tensor -> seenAs(weights, tensor));
    }

    private static Map<String, BlockwiseWeight> weights(Checkpoint checkpoint) {
        Map<String, BlockwiseWeight> weights = new LinkedHashMap<>();
        checkpoint.names().stream().filter(name -> name.endsWith(WEIGHT))
                .forEach(name -> BlockwiseWeight.of(checkpoint, name)
                        .ifPresent(weight -> weights.put(name.substring(0, name.length() - WEIGHT.length()), weight)));
        return weights;
    }

    private static QuantizationConfig config(Map<String, BlockwiseWeight> weights, List<Target> ignore) {
        Map<QuantizationArgs, List<Target>> targets = new LinkedHashMap<>();
        weights.forEach((module, weight) -> targets.computeIfAbsent(weight.args(), _ -> new ArrayList<>())
                .add(Target.of(module)));
        List<ConfigGroup> groups = new ArrayList<>();
        targets.forEach((args, names) -> groups
                .add(ConfigGroup.of("group_" + groups.size(), names, args, Optional.empty())));
        return QuantizationConfig.of(groups, CompressionFormat.PACK_QUANTIZED, ignore, Optional.empty());
    }

    private static List<Tensor> seenAs(Map<String, BlockwiseWeight> weights, Tensor tensor) {
        int at = tensor.name().lastIndexOf(WEIGHT);
        String module = tensor.name().substring(0, Math.max(0, at));
        BlockwiseWeight weight = weights.get(module);
        if (weight == null) {
            return List.of(tensor);
        }
        if (tensor.name().equals(module + WEIGHT)) {
            return List.of(weight.codes().named(module + ".weight_packed"),
                    weight.scales().named(module + ".weight_scale"),
                    weight.size().named(module + ".weight_shape"));
        }
        return weight.consists(tensor) ? List.of() : List.of(tensor);
    }
}
