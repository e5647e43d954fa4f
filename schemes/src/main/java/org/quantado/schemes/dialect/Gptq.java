package org.quantado.schemes.dialect;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.Target;

/**
 * GPTQ as AutoGPTQ and GPTQModel write it: integers of 2, 3, 4 or 8 bits with a scale and a zero point for each group, the
 * groups in the order of the inputs or not ({@code desc_act}).
 *
 * <p>Source: GPTQModel, {@code QuantizeConfig} and {@code pack_original}; vLLM, {@code GPTQConfig}.
 */
final class Gptq implements Dialect {
    private static final String FORMAT = "checkpoint_format";
    private static final String EXCEPTIONS = "dynamic";
    private static final String WORDS = "pack_dtype";
    /** Begins the expression of layers that are not quantized, and may begin that of others. */
    private static final String NOT = "-:";
    private static final String AND = "+:";
    private static final Set<String> OF_LAYERS = Set.of(IntegerFormat.BITS, IntegerFormat.GROUP_SIZE,
            IntegerFormat.SYMMETRIC, IntegerFormat.ORDERED);
    /** The last ones say how the codes were found, or with which kernels they are run. */
    private static final Set<String> FIELDS = Set.of(ModelConfig.QUANT_METHOD, FORMAT, EXCEPTIONS, WORDS,
            SkippedModules.FIELD, IntegerFormat.BITS, IntegerFormat.GROUP_SIZE, IntegerFormat.SYMMETRIC,
            IntegerFormat.ORDERED, "damp_percent", "damp_auto_increment", "static_groups", "true_sequential", "lm_head",
            "model_name_or_path", "model_file_base_name", "meta", "mse", "act_group_aware", "tokenizer", "dataset",
            "batch_size", "pad_token_id", "backend", "use_exllama", "disable_exllama", "exllama_config",
            "use_cuda_fp16",
            "model_seqlen", "max_input_length", "cache_block_outputs", "block_name_to_quantize",
            "module_name_preceding_first_block", "modules_in_block_to_quantize", "quantizer");

    @Override
    public List<String> quantMethods() {
        return List.of("gptq");
    }

    @Override
    public Reading read(JsonField config, Checkpoint checkpoint) {
        config.requireOnly(FIELDS);
        config.get(WORDS).optional().filter(words -> !words.string().equals("int32")).ifPresent(words -> {
            throw words.refuse("int32");
        });
        GptqPacking packing = GptqPacking.read(config.get(FORMAT));
        IntegerFormat usual = packing.requireBits(config, IntegerFormat.read(config));
        LayerFormats formats = new LayerFormats(usual);
        config.get(EXCEPTIONS).optional().ifPresent(exceptions -> exceptions.members()
                .forEach((expression, field) -> except(formats, expression, field, usual, packing)));
        return new IntegerLayers(checkpoint, packing, usual, formats)
                .reading(SkippedModules.read(config, SkippedModules.FIELD));
    }

    private static void except(LayerFormats formats, String expression, JsonField field, IntegerFormat usual,
            IntegerPacking packing) {
        boolean hasPrefix = expression.startsWith(NOT) || expression.startsWith(AND);
        Target names = Target.read(field, "re:" + (hasPrefix ? expression.substring(NOT.length()) : expression));
        field.requireOnly(OF_LAYERS);
        formats.except(names, expression.startsWith(NOT)
                ? Optional.empty()
                : Optional.of(packing.requireBits(field, usual.with(field))));
    }
}
