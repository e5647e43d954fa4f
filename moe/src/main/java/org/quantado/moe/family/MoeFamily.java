package org.quantado.moe.family;

import static org.quantado.moe.family.BlockNames.BLOCK_SPARSE_MOE;
import static org.quantado.moe.family.BlockNames.MLP;
import static org.quantado.moe.family.RoutingRule.Normalize.ALWAYS;
import static org.quantado.moe.family.RoutingRule.Normalize.IF_CONFIG_SAYS_SO;
import static org.quantado.moe.family.RoutingRule.Normalize.NEVER;
import static org.quantado.moe.family.RoutingRule.Normalize.OF_SEVERAL;
import static org.quantado.moe.family.RoutingRule.Normalize.UNLESS_CONFIG_SAYS_NO;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.routing.TopKWeights;
import org.quantado.moe.ExpertNames;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * The families of models with experts: all that are known. Each follows its own modelling code, in transformers unless it
 * says otherwise; what is called there {@code modeling_x.py} is that of version 5.18.
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists and records are immutable, its functions keep nothing
public enum MoeFamily {
    /** modeling_mixtral.py: MixtralTopKRouter, MixtralSparseMoeBlock. */
    MIXTRAL(List.of("mixtral"), RoutingRule.softmax(ALWAYS), BLOCK_SPARSE_MOE, ExpertLayers.ALL),
    /** modeling_qwen2_moe.py: Qwen2MoeTopKRouter, Qwen2MoeSparseMoeBlock. */
    QWEN2_MOE(List.of("qwen2_moe"), RoutingRule.softmax(IF_CONFIG_SAYS_SO),
            MLP.gatedShared("shared_expert", "shared_expert_gate"), ExpertLayers.SPARSE_STEP),
    /** modeling_qwen3_moe.py: Qwen3MoeTopKRouter, Qwen3MoeSparseMoeBlock. */
    QWEN3_MOE(List.of("qwen3_moe"), RoutingRule.softmax(IF_CONFIG_SAYS_SO), MLP, ExpertLayers.SPARSE_STEP),
    /** modeling_qwen3_next.py: Qwen3NextTopKRouter, Qwen3NextSparseMoeBlock. */
    QWEN3_NEXT(List.of("qwen3_next"), RoutingRule.softmax(UNLESS_CONFIG_SAYS_NO),
            MLP.gatedShared("shared_expert", "shared_expert_gate"), ExpertLayers.SPARSE_STEP),
    /** modeling_qwen3_5_moe.py: Qwen3_5MoeTopKRouter, Qwen3_5MoeSparseMoeBlock. Qwen3.6 is of this type, too. */
    QWEN3_5_MOE(List.of("qwen3_5_moe_text"), RoutingRule.softmax(ALWAYS),
            MLP.gatedShared("shared_expert", "shared_expert_gate"), ExpertLayers.ALL),
    /** modeling_qwen3_vl_moe.py: Qwen3VLMoeTextTopKRouter, Qwen3VLMoeTextSparseMoeBlock. */
    QWEN3_VL_MOE(List.of("qwen3_vl_moe_text"), RoutingRule.softmax(ALWAYS), MLP, ExpertLayers.SPARSE_STEP),
    /** modeling_qwen3_omni_moe.py: Qwen3OmniMoeThinkerTextTopKRouter, Qwen3OmniMoeThinkerTextSparseMoeBlock. */
    QWEN3_OMNI_MOE(List.of("qwen3_omni_moe_text"), RoutingRule.softmax(UNLESS_CONFIG_SAYS_NO), MLP,
            ExpertLayers.SPARSE_STEP),
    /** modeling_qwen3_omni_moe.py: Qwen3OmniMoeTalkerTextTopKRouter, Qwen3OmniMoeTalkerTextSparseMoeBlock. */
    QWEN3_OMNI_MOE_TALKER(List.of("qwen3_omni_moe_talker_text"), RoutingRule.softmax(IF_CONFIG_SAYS_SO),
            MLP.gatedShared("shared_expert", "shared_expert_gate"), ExpertLayers.SPARSE_STEP),
    /**
     * modeling_deepseek_v2.py: DeepseekV2TopkRouter, DeepseekV2Moe. With {@code norm_topk_prob} true, which no published
     * model has, the implementations differ in the scaling factor, so it is refused.
     */
    DEEPSEEK_V2(List.of("deepseek_v2"), RoutingRule.softmax(NEVER).grouped(new RoutingRule.GroupedByMethod())
            .scaled(1.0f).methods("greedy", "group_limited_greedy"), MLP.shared("shared_experts"),
            ExpertLayers.afterFirst(0)),
    /** modeling_deepseek_v3.py: DeepseekV3TopkRouter, DeepseekV3MoE. Kimi-K2's own code is this. */
    DEEPSEEK_V3(List.of("deepseek_v3", "kimi_k2"), RoutingRule.groupedSigmoid("gate.e_score_correction_bias",
            UNLESS_CONFIG_SAYS_NO, 8, 4, 2.5f), MLP.shared("shared_experts"), ExpertLayers.afterFirst(3)),
    /** modeling_glm4_moe.py: Glm4MoeTopkRouter, Glm4MoeMoE; modeling_glm4v_moe.py: Glm4vMoeTextTopkRouter. */
    GLM4_MOE(List.of("glm4_moe", "glm4v_moe_text"), RoutingRule.groupedSigmoid("gate.e_score_correction_bias",
            UNLESS_CONFIG_SAYS_NO, 1, 1, 1.0f), MLP.shared("shared_experts"), ExpertLayers.afterFirst(1)),
    /** modeling_glm4_moe_lite.py: Glm4MoeLiteTopkRouter, Glm4MoeLiteMoE. */
    GLM4_MOE_LITE(List.of("glm4_moe_lite"), RoutingRule.groupedSigmoid("gate.e_score_correction_bias",
            UNLESS_CONFIG_SAYS_NO, 1, 1, 1.8f), MLP.shared("shared_experts"), ExpertLayers.NAMED),
    /** modeling_minimax_m2.py: MiniMaxM2TopKRouter, MiniMaxM2SparseMoeBlock; the switch is vLLM's, minimax_m2.py. */
    MINIMAX_M2(List.of("minimax_m2"),
            RoutingRule.sigmoid(ALWAYS).biasedUnless("use_routing_bias", "e_score_correction_bias"), BLOCK_SPARSE_MOE,
            ExpertLayers.ALL),
    /** modeling_llama4.py: Llama4Router, Llama4TextMoe. */
    LLAMA4(List.of("llama4_text"), RoutingRule.sigmoid(NEVER).chosenByLogits().onInput(),
            MLP.called("feed_forward").router("router").shared("shared_expert"), ExpertLayers.INTERLEAVED),
    /** modeling_lfm2_moe.py: Lfm2MoeTopKRouter, Lfm2MoeSparseMoeBlock. */
    LFM2_MOE(List.of("lfm2_moe"),
            RoutingRule.sigmoid(UNLESS_CONFIG_SAYS_NO).normalizedTo(config -> new TopKWeights.Normalized(1e-6f, 0.0f))
                    .biasedUnless("use_expert_bias", "expert_bias").scaled(1.0f),
            MLP.called("feed_forward").matrices(ExpertNames.W1_W3_W2), ExpertLayers.AFTER_DENSE),
    /**
     * inclusionAI/Ling-V2, modeling_bailing_moe_v2.py: BailingMoeV2Gate, BailingMoeV2SparseMoeBlock; the switch is vLLM's,
     * bailing_moe.py.
     */
    BAILING_MOE_V2(List.of("bailing_moe_v2"),
            RoutingRule.groupedSigmoid("gate.expert_bias", OF_SEVERAL, 8, 4, 2.5f)
                    .biasedUnless("moe_router_enable_expert_bias", "gate.expert_bias"),
            MLP.shared("shared_experts"), ExpertLayers.afterFirst(0)),
    /** modeling_phimoe.py: sparsemixer, PhimoeTopKRouter, PhimoeSparseMoeBlock. */
    PHIMOE(List.of("phimoe"), RoutingRule.softmaxOfChosen().normalizedTo(
            config -> new TopKWeights.SparseMixer(2 * config.number("router_jitter_noise").orElse(0.01).floatValue())),
            BLOCK_SPARSE_MOE, ExpertLayers.ALL),
    /** modeling_gpt_oss.py: GptOssTopKRouter, GptOssExperts. */
    GPT_OSS(List.of("gpt_oss"), RoutingRule.softmaxOfChosen(), MLP.router("router").biased(), ExpertLayers.ALL,
            GatedActivation.SWIGLU_OAI),
    /** modeling_olmoe.py: OlmoeTopKRouter, OlmoeSparseMoeBlock. */
    OLMOE(List.of("olmoe"), RoutingRule.softmax(IF_CONFIG_SAYS_SO), MLP, ExpertLayers.ALL),
    /** modeling_granitemoe.py: GraniteMoeTopKRouter, GraniteMoeMoE. */
    GRANITEMOE(List.of("granitemoe"), RoutingRule.softmaxOfChosen(),
            MLP.called("block_sparse_moe").router("router.layer").matrices(ExpertNames.W1_W3_W2), ExpertLayers.ALL),
    /** modeling_ernie4_5_moe.py: Ernie4_5_MoeTopKRouter, Ernie4_5_MoeSparseMoeBlock. */
    ERNIE4_5_MOE(List.of("ernie4_5_moe"),
            RoutingRule.softmax(ALWAYS).normalizedTo(config -> new TopKWeights.Normalized(0.0f,
                    config.number("moe_norm_min").orElse(1e-12).floatValue()))
                    .biased("moe_statics.e_score_correction_bias"),
            MLP.shared("shared_experts"), ExpertLayers.INTERVAL),
    /** modeling_dots1.py: Dots1TopkRouter, Dots1MoE. */
    DOTS1(List.of("dots1"), RoutingRule.groupedSigmoid("gate.e_score_correction_bias", IF_CONFIG_SAYS_SO, 1, 1, 1.0f),
            MLP.shared("shared_experts"), ExpertLayers.afterFirst(0)),
    /** modeling_hunyuan_v1_moe.py: HunYuanMoEV1Gate, HunYuanMoEV1Moe. */
    HUNYUAN_V1_MOE(List.of("hunyuan_v1_moe"), RoutingRule.softmax(ALWAYS),
            MLP.router("gate.wg").shared("shared_mlp"), ExpertLayers.ALL);

    private final List<String> modelTypes;
    private final RoutingRule routing;
    private final BlockNames names;
    private final ExpertLayers layers;
    private final GatedActivation activation;

    MoeFamily(List<String> modelTypes, RoutingRule routing, BlockNames names, ExpertLayers layers) {
        this(modelTypes, routing, names, layers, GatedActivation.SILU);
    }

    MoeFamily(List<String> modelTypes, RoutingRule routing, BlockNames names, ExpertLayers layers,
            GatedActivation activation) {
        this.modelTypes = modelTypes;
        this.routing = routing;
        this.names = names;
        this.layers = layers;
        this.activation = activation;
    }

    /** The family of a {@code model_type}, if it is one that has experts and is known. */
    public static Optional<MoeFamily> find(String modelType) {
        return Arrays.stream(values()).filter(family -> family.modelTypes.contains(modelType)).findFirst();
    }

    /**
     * The family of a model.
     *
     * @throws CheckpointException if it is not known, with those that are
     */
    public static MoeFamily of(LanguageConfig config) {
        return find(config.modelType()).orElseThrow(() -> config.wrong("model_type",
                CheckpointException.quote(config.modelType()) + ", whose experts are not described",
                "one of " + Arrays.stream(values()).flatMap(family -> family.modelTypes.stream())
                        .collect(Collectors.joining(", "))));
    }

    /** Values of {@code model_type} that mean this family, where the facts of the language model lie. */
    public List<String> modelTypes() {
        return modelTypes;
    }

    /** What its blocks contain, and what that is called. */
    public BlockNames names() {
        return names;
    }

    /** What becomes of an expert's gate and up. */
    GatedActivation activation() {
        return activation;
    }

    RoutingRule routing() {
        return routing;
    }

    ExpertLayers layers() {
        return layers;
    }
}
