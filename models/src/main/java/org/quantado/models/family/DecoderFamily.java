package org.quantado.models.family;

import java.util.Arrays;
import java.util.stream.Collectors;

import org.quantado.models.family.AttentionSpec.QkNorm;
import org.quantado.models.family.Windows.Rule;
import org.quantado.moe.family.LanguageConfig;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * The families of decoders: all that are known. What a description does not say is as in Llama; which layers have experts,
 * and how tokens find them, is said by {@link org.quantado.moe.family.MoeFamily}.
 *
 * <p>Source: transformers, configuration and modelling code of each, versions 4.57 and 5.2.
 */
@SuppressWarnings("ImmutableEnumChecker") // descriptions are not changed once they are made
enum DecoderFamily {
    // @formatter:off
    LLAMA(Description.of("llama").biases(Switch.field("attention_bias"), Switch.field("attention_bias"),
            Switch.field("mlp_bias"))),
    MISTRAL(Description.of("mistral").windows(Windows.always(4096))),
    QWEN2(Description.of("qwen2").biases(Switch.ON, Switch.OFF, Switch.OFF)
            .windows(Windows.switched(4096, Rule.FROM_MAX_WINDOW_LAYERS))),
    /** The text model of Qwen3-VL is Qwen3's. */
    QWEN3(Description.of("qwen3", "qwen3_vl_text").headSize(128)
            .biases(Switch.field("attention_bias"), Switch.field("attention_bias"), Switch.OFF)
            .qkNorm(QkNorm.PER_HEAD, Switch.ON).windows(Windows.switched(4096, Rule.FROM_MAX_WINDOW_LAYERS))),
    /** In which layers windows are is a matter of versions, where the config does not say. */
    QWEN2_MOE(Description.of("qwen2_moe").biases(Switch.field("qkv_bias", true), Switch.OFF, Switch.OFF)
            .windows(Windows.switched(4096, Rule.REFUSED))),
    /** With a window, all layers have it. */
    QWEN3_MOE(Description.of("qwen3_moe")
            .biases(Switch.field("attention_bias"), Switch.field("attention_bias"), Switch.OFF)
            .qkNorm(QkNorm.PER_HEAD, Switch.ON).windows(Windows.switched(4096, Rule.ALL))),
    MIXTRAL(Description.of("mixtral").epsilon(1e-5).ropeBase(1e6).windows(Windows.always(0))),
    GPT_OSS(Description.of("gpt_oss").epsilon(1e-5).headSize(64).ropeBase(150000).sinks()
            .biases(Switch.field("attention_bias", true), Switch.field("attention_bias", true), Switch.OFF)
            .windows(Windows.byType(128, Rule.EVEN))),
    /** modeling_deepseek_v2.py of the checkpoints: softmax is scaled for long contexts, as in V3. */
    DEEPSEEK_V2(Description.of("deepseek_v2").latent()
            .biases(Switch.field("attention_bias"), Switch.field("attention_bias"), Switch.field("mlp_bias"))),
    DEEPSEEK_V3(Description.of("deepseek_v3", "kimi_k2").latent()
            .biases(Switch.field("attention_bias"), Switch.field("attention_bias"), Switch.OFF)),
    GLM4_MOE(Description.of("glm4_moe").epsilon(1e-5).partialRotary(0.5)
            .biases(Switch.field("attention_bias"), Switch.OFF, Switch.OFF)
            .qkNorm(QkNorm.PER_HEAD, Switch.field("use_qk_norm"))),
    GEMMA2(Description.of("gemma2").norms(NormPlacement.AROUND).normsAroundOne().headSize(256).tied().softCaps()
            .biases(Switch.field("attention_bias"), Switch.field("attention_bias"), Switch.OFF)
            .scale(Factor.field("query_pre_attn_scalar", 256).root().inverse())
            .activation("hidden_activation", "gelu_pytorch_tanh").embedding(Factor.field("hidden_size", 0).root())
            .windows(Windows.byType(4096, Rule.EVEN))),
    GEMMA3(Description.of("gemma3_text").norms(NormPlacement.AROUND).normsAroundOne().headSize(256).tied().softCaps()
            .biases(Switch.field("attention_bias"), Switch.field("attention_bias"), Switch.OFF)
            .qkNorm(QkNorm.PER_HEAD, Switch.ON).ropeBase(1e6).localRopeBase(10000)
            .scale(Factor.field("query_pre_attn_scalar", 256).root().inverse())
            .activation("hidden_activation", "gelu_pytorch_tanh").embedding(Factor.field("hidden_size", 0).root())
            .windows(Windows.byType(4096, Rule.PATTERN))),
    PHI3(Description.of("phi3").epsilon(1e-5).fusedOnDisk().windows(Windows.always(0))),
    GRANITE(Description.of("granite")
            .biases(Switch.field("attention_bias"), Switch.field("attention_bias"), Switch.field("mlp_bias"))
            .scale(Factor.field("attention_multiplier", 1)).embedding(Factor.field("embedding_multiplier", 1))
            .residual(Factor.field("residual_multiplier", 1)).logits(Factor.field("logits_scaling", 1).inverse())),
    OLMO2(Description.of("olmo2").epsilon(1e-5).norms(NormPlacement.AFTER).qkNorm(QkNorm.ALL_HEADS, Switch.ON)
            .biases(Switch.field("attention_bias"), Switch.field("attention_bias"), Switch.OFF));
    // @formatter:on

    private final Description description;

    DecoderFamily(Description description) {
        this.description = description;
    }

    /**
     * The description of a model's family.
     *
     * @throws CheckpointException if there is none, with those that are
     */
    static Description of(LanguageConfig config) {
        return Arrays.stream(values()).map(family -> family.description)
                .filter(description -> description.modelTypes.contains(config.modelType())).findFirst()
                .orElseThrow(() -> config.wrong("model_type", CheckpointException.quote(config.modelType()),
                        "a type of model that is described: one of " + Arrays.stream(values())
                                .flatMap(family -> family.description.modelTypes.stream())
                                .collect(Collectors.joining(", "))));
    }
}
