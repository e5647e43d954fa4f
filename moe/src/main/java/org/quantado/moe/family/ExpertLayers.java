package org.quantado.moe.family;

import java.util.List;

/** Which layers of a model have a block of experts; the others have one MLP. */
@FunctionalInterface
interface ExpertLayers {
    /** All of them. */
    ExpertLayers ALL = (config, layer) -> true;

    /**
     * Each {@code decoder_sparse_step}-th, but those in {@code mlp_only_layers}.
     *
     * <p>Source: transformers, modeling_qwen3_moe.py, {@code Qwen3MoeDecoderLayer}.
     */
    ExpertLayers SPARSE_STEP = (config, layer) -> !config.integers("mlp_only_layers").orElse(List.of())
            .contains(layer) && (layer + 1) % config.count("decoder_sparse_step", layer).orElse(1) == 0;

    /**
     * Those of {@code mlp_layer_types} that are sparse; without it all but the first.
     *
     * <p>Source: transformers, configuration_glm4_moe_lite.py.
     */
    ExpertLayers NAMED = (config, layer) -> config.texts("mlp_layer_types").map(types -> {
        String type = layer < types.size() ? types.get(layer) : "nothing for layer " + layer;
        if (!List.of("dense", "sparse").contains(type)) {
            throw config.wrong("mlp_layer_types", type, "dense or sparse for each layer");
        }
        return type.equals("sparse");
    }).orElseGet(() -> afterFirst(1).contains(config, layer));

    /**
     * All but the first {@code num_dense_layers}.
     *
     * <p>Source: transformers, modeling_lfm2_moe.py, {@code Lfm2MoeDecoderLayer}.
     */
    ExpertLayers AFTER_DENSE = (config, layer) -> layer >= config.integer("num_dense_layers").orElse(2);

    /**
     * Those in {@code moe_layers}; without it each {@code interleave_moe_layer_step}-th.
     *
     * <p>Source: transformers, configuration_llama4.py, {@code Llama4TextConfig}.
     */
    ExpertLayers INTERLEAVED = (config, layer) -> config.integers("moe_layers").map(layers -> layers.contains(layer))
            .orElseGet(() -> (layer + 1) % config.count("interleave_moe_layer_step", layer).orElse(1) == 0);

    /**
     * Each {@code moe_layer_interval}-th from {@code moe_layer_start_index} to {@code moe_layer_end_index}, or to the last
     * if that is -1.
     *
     * <p>Source: transformers, modeling_ernie4_5_moe.py, {@code Ernie4_5_MoeDecoderLayer}.
     */
    ExpertLayers INTERVAL = (config, layer) -> {
        int end = config.integer("moe_layer_end_index").orElse(-1);
        return (layer + 1) % config.count("moe_layer_interval", layer).orElse(1) == 0
                && layer >= config.integer("moe_layer_start_index").orElse(1) && (end == -1 || layer <= end);
    };

    /**
     * From {@code first_k_dense_replace} on, each one whose number {@code moe_layer_freq} divides.
     *
     * <p>Source: transformers, modeling_deepseek_v3.py, {@code DeepseekV3DecoderLayer}; vLLM, deepseek_v2.py,
     * {@code DeepseekV2DecoderLayer}.
     *
     * @param byDefault the first layer with experts, where the config does not say
     */
    static ExpertLayers afterFirst(int byDefault) {
        return (config, layer) -> layer >= config.integer("first_k_dense_replace").orElse(byDefault)
                && layer % config.count("moe_layer_freq", layer).orElse(1) == 0;
    }

    /** Whether a layer has experts. */
    boolean contains(LanguageConfig config, int layer);
}
