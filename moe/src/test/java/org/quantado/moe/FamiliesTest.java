package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.moe.family.LanguageConfig;
import org.quantado.moe.family.MoeFamily;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.model.Model;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A block of each family gives what its modelling code says, in float64. */
@Tag("device")
class FamiliesTest {
    private static final int EXPERTS = 8;
    private static final int HIDDEN = 32;
    private static final int INTERMEDIATE = 24;
    private static final int TOKENS = 12;
    private static final double TOLERANCE = 1e-5;
    private static final String LAYER = "model.layers.4.";
    private static final String NESTED = "model.language_model.layers.4.";

    @TempDir
    private Path folder;

    /**
     * A family.
     *
     * @param block name of the block
     * @param router name of the router
     * @param bias name of the bias for the choice, or empty
     * @param tensors of the block
     */
    private record Family(String config, String block, String router, String bias, BlockFolder tensors,
            Float64Routing routing) {
        Family(String config, String block, BlockFolder tensors, Float64Routing routing) {
            this(config, block, block + ".gate", "", tensors.tensor(block + ".gate.weight", EXPERTS, HIDDEN), routing);
        }

        Family router(String name) {
            return new Family(config, block, block + name, bias,
                    tensors.without(router + ".weight").tensor(block + name + ".weight", EXPERTS, HIDDEN), routing);
        }

        Family biased(String name) {
            return new Family(config, block, router, block + name, tensors.tensor(block + name, EXPERTS), routing);
        }

        Family biasedRouter() {
            tensors.tensor(router + ".bias", EXPERTS);
            return this;
        }

        Family shared(String name) {
            tensors.tensor(block + name + ".gate_proj.weight", INTERMEDIATE, HIDDEN)
                    .tensor(block + name + ".up_proj.weight", INTERMEDIATE, HIDDEN)
                    .tensor(block + name + ".down_proj.weight", HIDDEN, INTERMEDIATE);
            return this;
        }

        Family gatedShared() {
            tensors.tensor(block + ".shared_expert_gate.weight", 1, HIDDEN);
            return shared(".shared_expert");
        }

        @Override
        public String toString() {
            return config.replaceAll("(?s).*\"model_type\": \"([^\"]+)\".*", "$1");
        }
    }

    private static String config(String type, String more) {
        return "{\"model_type\": \"" + type + "\", \"hidden_act\": \"silu\", \"torch_dtype\": \"bfloat16\", " + more
                + "}";
    }

    private static String nested(String type, String part, String more) {
        String text = "\"text_config\": " + config(type + "_text", more);
        return "{\"model_type\": \"" + type + "\", " + (part.isEmpty() ? text : "\"" + part + "\": {" + text + "}")
                + "}";
    }

    private static BlockFolder experts(String block, ExpertNames names) {
        return new BlockFolder().experts(block, names, EXPERTS, HIDDEN, INTERMEDIATE);
    }

    private static Family mlp(String layer, String config, Float64Routing routing) {
        return new Family(config, layer + "mlp", experts(layer + "mlp", ExpertNames.GATE_UP_DOWN), routing);
    }

    private static Family sparse(String config, Float64Routing routing) {
        return new Family(config, LAYER + "block_sparse_moe",
                experts(LAYER + "block_sparse_moe", ExpertNames.W1_W3_W2), routing);
    }

    private static Float64Routing normalized(Float64Routing routing, double added, double scale) {
        return (logits, bias) -> routing.choose(logits, bias).normalized(added).times(scale);
    }

    static Stream<Family> families() {
        Float64Routing softmax = Float64Routing.softmax(3);
        Float64Routing normalized = normalized(softmax, 0, 1);
        String three = "\"num_experts\": 8, \"num_experts_per_tok\": 3";
        String deepseek = "\"n_routed_experts\": 8, \"num_experts_per_tok\": 3, \"n_shared_experts\": 1, "
                + "\"routed_scaling_factor\": 2.5";
        String groups = ", \"n_group\": 4, \"topk_group\": 2";
        return Stream.of(
                sparse(config("mixtral", "\"num_local_experts\": 8, \"num_experts_per_tok\": 3"), normalized),
                mlp(LAYER, config("qwen2_moe", three), softmax).gatedShared(),
                mlp(LAYER, config("qwen3_moe", three), softmax),
                mlp(LAYER, config("qwen3_moe", three + ", \"norm_topk_prob\": true"), normalized),
                mlp(LAYER, config("qwen3_next", three), normalized).gatedShared(),
                mlp(NESTED, nested("qwen3_5_moe", "", three), normalized).gatedShared(),
                mlp(NESTED, nested("qwen3_vl_moe", "", three), normalized),
                mlp("thinker.model.layers.4.", nested("qwen3_omni_moe", "thinker_config", three), normalized),
                mlp(LAYER, config("deepseek_v2", deepseek + ", \"topk_method\": \"greedy\"" + groups),
                        (logits, bias) -> softmax.choose(logits, bias).times(2.5)).shared(".shared_experts"),
                mlp(LAYER, config("deepseek_v2", deepseek + ", \"topk_method\": \"group_limited_greedy\"" + groups),
                        (logits, bias) -> Float64Routing.groupedSoftmax(3, 4, 2).choose(logits, bias).times(2.5))
                        .shared(".shared_experts"),
                mlp(LAYER, config("deepseek_v3", deepseek + ", \"topk_method\": \"noaux_tc\"" + groups),
                        normalized(Float64Routing.groupedSigmoid(3, 4, 2), 0, 2.5))
                        .biased(".gate.e_score_correction_bias").shared(".shared_experts"),
                mlp("language_model.model.layers.4.", "{\"model_type\": \"kimi_k25\", \"text_config\": "
                        + config("kimi_k2", deepseek + ", \"n_group\": 1, \"topk_group\": 1") + "}",
                        normalized(Float64Routing.sigmoid(3), 0, 2.5)).biased(".gate.e_score_correction_bias")
                        .shared(".shared_experts"),
                mlp(LAYER, config("glm4_moe", deepseek), normalized(Float64Routing.sigmoid(3), 0, 2.5))
                        .biased(".gate.e_score_correction_bias").shared(".shared_experts"),
                mlp(LAYER, config("glm4_moe_lite", "\"n_routed_experts\": 8, \"num_experts_per_tok\": 3"),
                        normalized(Float64Routing.sigmoid(3), 0, 1.8)).biased(".gate.e_score_correction_bias")
                        .shared(".shared_experts"),
                mlp(NESTED, nested("glm4v_moe", "", deepseek), normalized(Float64Routing.sigmoid(3), 0, 2.5))
                        .biased(".gate.e_score_correction_bias").shared(".shared_experts"),
                sparse(config("minimax_m2", "\"num_local_experts\": 8, \"num_experts_per_tok\": 3"),
                        normalized(Float64Routing.sigmoid(3), 0, 1)).biased(".e_score_correction_bias"),
                new Family(nested("llama4", "", "\"num_local_experts\": 8, \"num_experts_per_tok\": 1"),
                        "language_model.model.layers.4.feed_forward",
                        experts("language_model.model.layers.4.feed_forward", ExpertNames.GATE_UP_DOWN),
                        Float64Routing.sigmoid(1)).router(".router").shared(".shared_expert"),
                new Family(config("lfm2_moe", three), LAYER + "feed_forward",
                        experts(LAYER + "feed_forward", ExpertNames.W1_W3_W2),
                        normalized(Float64Routing.sigmoid(3), 1e-6, 1)).biased(".expert_bias"),
                mlp(LAYER, config("bailing_moe_v2", three + groups + ", \"score_function\": \"sigmoid\""),
                        normalized(Float64Routing.groupedSigmoid(3, 4, 2), 0, 2.5)).biased(".gate.expert_bias")
                        .shared(".shared_experts"),
                sparse(config("phimoe", "\"num_local_experts\": 8, \"num_experts_per_tok\": 2, "
                        + "\"router_jitter_noise\": 0.1"), Float64Routing.sparseMixer(0.1)),
                new Family(config("gpt_oss", "\"num_local_experts\": 8, \"num_experts_per_tok\": 3, "
                        + "\"swiglu_limit\": 7.0"), LAYER + "mlp",
                        new BlockFolder().tensor(LAYER + "mlp.experts.gate_up_proj", EXPERTS, HIDDEN, 2 * INTERMEDIATE)
                                .tensor(LAYER + "mlp.experts.gate_up_proj_bias", EXPERTS, 2 * INTERMEDIATE)
                                .tensor(LAYER + "mlp.experts.down_proj", EXPERTS, INTERMEDIATE, HIDDEN)
                                .tensor(LAYER + "mlp.experts.down_proj_bias", EXPERTS, HIDDEN),
                        Float64Routing.softmaxOfBest(3)).router(".router").biasedRouter(),
                mlp(LAYER, config("olmoe", three), softmax),
                new Family(config("granitemoe", "\"num_local_experts\": 8, \"num_experts_per_tok\": 3"),
                        LAYER + "block_sparse_moe",
                        new BlockFolder()
                                .tensor(LAYER + "block_sparse_moe.input_linear.weight", EXPERTS, 2 * INTERMEDIATE,
                                        HIDDEN)
                                .tensor(LAYER + "block_sparse_moe.output_linear.weight", EXPERTS, HIDDEN,
                                        INTERMEDIATE),
                        Float64Routing.softmaxOfBest(3)).router(".router.layer"),
                mlp(LAYER, config("ernie4_5_moe", "\"moe_num_experts\": 8, \"moe_k\": 3"), normalized)
                        .biased(".moe_statics.e_score_correction_bias").shared(".shared_experts"),
                mlp(LAYER, config("dots1", deepseek + ", \"norm_topk_prob\": true"),
                        normalized(Float64Routing.sigmoid(3), 0, 2.5)).biased(".gate.e_score_correction_bias")
                        .shared(".shared_experts"),
                mlp(LAYER, config("hunyuan_v1_moe", "\"num_experts\": 8, \"moe_topk\": [1, 1, 1, 1, 3, 1]"),
                        normalized).router(".gate.wg").shared(".shared_mlp"));
    }

    @ParameterizedTest
    @MethodSource("families")
    void blockGivesWhatTheModellingCodeSays(Family family) {
        try (Model model = Model.open(family.tensors.write(folder, family.config))) {
            MoeLayer layer = MoeLayers.find(model, family.block).orElseThrow();
            layer.check();
            layer.requireWhole();
            MoeBlock read = Blocks.of(model, layer, MoeParallel.WHOLE, Activations.CONFIG, Optional.empty());
            FloatArray x = BlockFolder.gaussian(TOKENS * HIDDEN, 3);
            int topK = read.router().topK().topK();
            int[] ids = new int[TOKENS * topK];
            float[] weights = new float[ids.length];
            for (int t = 0; t < TOKENS; t++) {
                Float64Routing.Chosen chosen = family.routing.choose(logits(family, x, t), bias(family));
                assertThat(chosen.ids()).hasSize(topK);
                for (int j = 0; j < topK; j++) {
                    ids[t * topK + j] = chosen.ids()[j];
                    weights[t * topK + j] = (float) chosen.weights()[j];
                }
            }
            float[] expected = new Float64Block(read).apply(x, weights, ids, topK);
            try (QuantizedMoe moe = layer.load(MoeParallel.WHOLE, Activations.CONFIG, Optional.empty())) {
                Golden.assertRows(moe.apply(x), expected, HIDDEN, TOLERANCE);
            }
        }
    }

    private static double[] logits(Family family, FloatArray x, int token) {
        float[] weight = family.tensors.values(family.router + ".weight");
        float[] bias = Optional.ofNullable(family.tensors.values(family.router + ".bias"))
                .orElseGet(() -> new float[EXPERTS]);
        double[] logits = new double[EXPERTS];
        for (int e = 0; e < EXPERTS; e++) {
            logits[e] = bias[e];
            for (int h = 0; h < HIDDEN; h++) {
                logits[e] += weight[e * HIDDEN + h] * (double) x.get(token * HIDDEN + h);
            }
        }
        return logits;
    }

    private static double[] bias(Family family) {
        double[] bias = new double[EXPERTS];
        if (!family.bias.isEmpty()) {
            Arrays.setAll(bias, e -> family.tensors.values(family.bias)[e]);
        }
        return bias;
    }

    @Test
    void everyFamilyHasACase() throws IOException {
        Path file = folder.resolve("config.json");
        Set<MoeFamily> tested = families().map(family -> {
            try {
                Files.writeString(file, family.config);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return MoeFamily.of(LanguageConfig.read(file));
        }).collect(Collectors.toSet());
        assertThat(tested).containsAll(Stream.of(MoeFamily.values())
                .filter(family -> family != MoeFamily.QWEN3_OMNI_MOE_TALKER).toList());
    }
}
