package org.quantado.schemes.dialect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.Target;

/**
 * auto-round: integers packed as GPTQ or AWQ does, perhaps of several widths in one model ({@code extra_config}).
 *
 * <p>Source: auto-round, {@code export_to_autoround}; vLLM, {@code INCConfig}.
 */
final class AutoRound implements Dialect {
    private static final String PACKING = "packing_format";
    private static final String EXCEPTIONS = "extra_config";
    private static final String DATA_TYPE = "data_type";
    private static final Map<String, IntegerPacking> PACKINGS = Map.of("auto_round:auto_gptq", GptqPacking.V1,
            "auto_round:gptqmodel", GptqPacking.V2, "auto_round", GptqPacking.V2, "auto_round:auto_awq",
            new AwqPacking());
    /** What makes a name an expression. */
    private static final Pattern EXPRESSION = Pattern.compile("[*+?^$()\\[\\]{}|\\\\]");
    private static final int UNQUANTIZED_BITS = 16;
    private static final String ACTIVATION_BITS = "act_bits";
    private static final Set<String> OF_LAYERS = Set.of(IntegerFormat.BITS, IntegerFormat.GROUP_SIZE,
            IntegerFormat.SYMMETRIC, DATA_TYPE, ACTIVATION_BITS);
    /** The last ones say how the codes were found. */
    private static final Set<String> FIELDS = Set.of(ModelConfig.QUANT_METHOD, PACKING, EXCEPTIONS, DATA_TYPE,
            ACTIVATION_BITS, IntegerFormat.BITS, IntegerFormat.GROUP_SIZE, IntegerFormat.SYMMETRIC,
            "block_name_to_quantize", "to_quant_block_names", "autoround_version", "batch_size", "iters", "seqlen",
            "nsamples", "lr", "minmax_lr", "low_gpu_mem_usage", "gradient_accumulate_steps", "enable_quanted_input",
            "enable_minmax_tuning", "enable_norm_bias_tuning", "scale_dtype", "amp", "dataset", "backend",
            "enable_alg_ext", "quant_lm_head", "super_bits", "super_group_size");

    @Override
    public List<String> quantMethods() {
        return List.of("auto-round");
    }

    @Override
    public Reading read(JsonField config, Checkpoint checkpoint) {
        config.requireOnly(FIELDS);
        requireIntegers(config);
        JsonField name = config.get(PACKING);
        IntegerPacking packing = Optional.ofNullable(PACKINGS.get(name.string())).orElseThrow(
                () -> name.refuse("one of " + String.join(", ", PACKINGS.keySet().stream().sorted().toList())));
        IntegerFormat usual = packing.requireBits(config, IntegerFormat.read(config));
        LayerFormats formats = new LayerFormats(usual);
        config.get(EXCEPTIONS).optional().ifPresent(exceptions -> exceptions.members()
                .forEach((layers, field) -> except(formats, layers, field, usual, packing)));
        return new IntegerLayers(checkpoint, packing, usual, formats).reading(List.of());
    }

    private static void except(LayerFormats formats, String layers, JsonField field, IntegerFormat usual,
            IntegerPacking packing) {
        field.requireOnly(OF_LAYERS);
        requireIntegers(field);
        boolean isExpression = EXPRESSION.matcher(layers).find();
        IntegerFormat format = usual.with(field);
        formats.except(Target.read(field, isExpression ? "re:.*?(?:" + layers + ")" : layers),
                format.bits() >= UNQUANTIZED_BITS
                        ? Optional.empty()
                        : Optional.of(packing.requireBits(field, format)));
    }

    private static void requireIntegers(JsonField config) {
        config.get(DATA_TYPE).optional().filter(type -> !type.string().equals("int")).ifPresent(type -> {
            throw type.refuse("int");
        });
        config.get(ACTIVATION_BITS).optional().filter(bits -> bits.integer() < UNQUANTIZED_BITS).ifPresent(bits -> {
            throw bits.refuse("16, for activations that are left alone");
        });
    }
}
