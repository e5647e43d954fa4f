package org.quantado.moe.family;

import java.util.List;
import java.util.Map;

/**
 * A language model inside of a model: where its facts lie in the config, and how the names of its modules begin.
 *
 * @param path names that lead to its facts; none for all of the config
 * @param type its {@code model_type}, where its facts do not say
 * @param prefixes what may stand before {@code layers.0} in the names of its modules
 */
record ModelPart(List<String> path, String type, List<String> prefixes) {
    private static final String TEXT = "text_config";

    /** What stands before {@code layers.0}, in models without other parts and in both ways of naming those with them. */
    private static final List<String> PREFIXES = List.of("model.", "model.language_model.", "language_model.model.",
            "mtp.", "");

    /** Models whose facts lie deeper. Source: transformers, the configuration of each, and its sub-configs. */
    private static final Map<String, List<ModelPart>> NESTED = Map.ofEntries(
            Map.entry("qwen3_5_moe", text("qwen3_5_moe_text")),
            Map.entry("qwen3_vl_moe", text("qwen3_vl_moe_text")),
            Map.entry("qwen3_omni_moe", List.of(
                    new ModelPart(List.of("thinker_config", TEXT), "qwen3_omni_moe_text", List.of("thinker.model.")),
                    new ModelPart(List.of("talker_config", TEXT), "qwen3_omni_moe_talker_text",
                            List.of("talker.model.")))),
            Map.entry("qwen3_omni_moe_thinker", List.of(new ModelPart(List.of(TEXT), "qwen3_omni_moe_text",
                    List.of("model.", "thinker.model.")))),
            Map.entry("llama4", text("llama4_text")),
            Map.entry("glm4v_moe", text("glm4v_moe_text")),
            Map.entry("kimi_k25", text("deepseek_v3")),
            Map.entry("gemma3", text("gemma3_text")),
            Map.entry("mistral3", text("mistral")),
            Map.entry("qwen3_vl", text("qwen3_vl_text")));

    private static List<ModelPart> text(String type) {
        return List.of(new ModelPart(List.of(TEXT), type, PREFIXES));
    }

    /** The language models of a model, the main one first. */
    static List<ModelPart> of(String modelType) {
        return NESTED.getOrDefault(modelType, List.of(new ModelPart(List.of(), modelType, PREFIXES)));
    }

    /** Whether a module is one of its layers' or one of those in them. */
    boolean has(String module) {
        return prefixes.stream().anyMatch(prefix -> module.startsWith(prefix + "layers."));
    }
}
