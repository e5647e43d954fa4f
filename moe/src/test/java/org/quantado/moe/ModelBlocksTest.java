package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.routing.ExpertGroups;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKWeights;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.model.Model;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Blocks of the families of models, told from their tensors' names, and run unquantized. */
@Tag("device")
class ModelBlocksTest {
    private static final int EXPERTS = 4;
    private static final int HIDDEN = 32;
    private static final int INTERMEDIATE = 24;
    private static final int TOKENS = 3;
    private static final int TOP_K = 2;
    private static final String MLP = "model.layers.0.mlp";
    private static final double TOLERANCE = 1e-5;

    @TempDir
    private Path folder;

    /** Opens the one block of a folder and compares what it gives for given experts; the caller checks the rest. */
    private MoeSpec run(BlockFolder tensors, String config, String block) {
        try (Model model = Model.open(tensors.write(folder, config))) {
            assertThat(MoeLayers.of(model)).extracting(MoeLayer::name).containsExactly(block);
            MoeLayer layer = MoeLayers.find(model, block).orElseThrow();
            layer.check();
            assertThat(layer.bytes()).isPositive();
            try (QuantizedMoe moe = layer.load(MoeParallel.WHOLE, Activations.CONFIG, Optional.empty())) {
                int[] ids = {0, 3, 2, 1, 1, 3};
                FloatArray weights = BlockFolder.gaussian(ids.length, 2);
                FloatArray x = BlockFolder.gaussian(TOKENS * HIDDEN, 3);
                MoeBlock read = Blocks.of(model, layer, MoeParallel.WHOLE, Activations.CONFIG, Optional.empty());
                float[] expected = new Float64Block(read).apply(x, weights.toHeapArray(), ids, TOP_K);
                Golden.assertRows(moe.apply(x, weights, IntArray.fromArray(ids)), expected, HIDDEN, TOLERANCE);
                assertThat(moe.apply(x).getSize()).isEqualTo(x.getSize());
                assertDequantized(read, tensors, block);
                return moe.spec();
            }
        }
    }

    /** The first row of the last expert's up, whatever its name. */
    private static void assertDequantized(MoeBlock read, BlockFolder tensors, String block) {
        String expert = block + ".experts." + (EXPERTS - 1) + ".";
        float[] single = Optional.ofNullable(tensors.values(expert + "up_proj.weight"))
                .orElseGet(() -> tensors.values(expert + "w3.weight"));
        float[] stacked = tensors.values(block + ".experts.gate_up_proj");
        int row = (EXPERTS - 1) * 2 * INTERMEDIATE + INTERMEDIATE;
        for (int k = 0; k < HIDDEN; k++) {
            float expected = single != null
                    ? single[k]
                    : stacked[((EXPERTS - 1) * HIDDEN + k) * 2 * INTERMEDIATE + 1];
            assertThat((float) Blocks.matrix(read.experts().gateUp()).matrix().value(row, k))
                    .isEqualTo(expected);
        }
    }

    @Test
    void mixtral() {
        String block = "model.layers.0.block_sparse_moe";
        MoeSpec spec = run(new BlockFolder().experts(block, ExpertNames.W1_W3_W2, EXPERTS, HIDDEN, INTERMEDIATE)
                .tensor(block + ".gate.weight", EXPERTS, HIDDEN), """
                        {"model_type": "mixtral", "num_local_experts": 4, "num_experts_per_tok": 2}""", block);
        assertThat(spec.router().weights()).isEqualTo(TopKWeights.NORMALIZED);
        assertThat(spec.names()).isEqualTo(ExpertNames.W1_W3_W2);
    }

    @Test
    void deepseek() {
        String block = "model.layers.3.mlp";
        MoeSpec spec = run(BlockFolder.ofExperts(block, EXPERTS, HIDDEN, INTERMEDIATE)
                .tensor(block + ".gate.weight", EXPERTS, HIDDEN)
                .tensor(block + ".gate.e_score_correction_bias", EXPERTS)
                .tensor(block + ".shared_experts.gate_proj.weight", 2 * INTERMEDIATE, HIDDEN)
                .tensor(block + ".shared_experts.up_proj.weight", 2 * INTERMEDIATE, HIDDEN)
                .tensor(block + ".shared_experts.down_proj.weight", HIDDEN, 2 * INTERMEDIATE), """
                        {"model_type": "deepseek_v3", "n_routed_experts": 4, "num_experts_per_tok": 2, "n_group": 2,
                         "topk_group": 1, "scoring_func": "sigmoid", "norm_topk_prob": true, "n_shared_experts": 2,
                         "routed_scaling_factor": 2.5}""", block);
        assertThat(spec.router().scores()).isEqualTo(ScoreFunction.SIGMOID);
        assertThat(spec.router().groups()).contains(new ExpertGroups(2, 1));
        assertThat(spec.router().scalingFactor()).isEqualTo(2.5f);
        assertThat(spec.shared())
                .contains(new MoeSpec.Shared(block + ".shared_experts", 2 * INTERMEDIATE, Optional.empty()));
    }

    @Test
    void gptOss() {
        String block = "model.layers.0.mlp";
        MoeSpec spec = run(new BlockFolder().tensor(block + ".experts.gate_up_proj", EXPERTS, HIDDEN, 2 * INTERMEDIATE)
                .tensor(block + ".experts.gate_up_proj_bias", EXPERTS, 2 * INTERMEDIATE)
                .tensor(block + ".experts.down_proj", EXPERTS, INTERMEDIATE, HIDDEN)
                .tensor(block + ".experts.down_proj_bias", EXPERTS, HIDDEN)
                .tensor(block + ".router.weight", EXPERTS, HIDDEN).tensor(block + ".router.bias", EXPERTS), """
                        {"model_type": "gpt_oss", "num_local_experts": 4, "num_experts_per_tok": 2}""", block);
        assertThat(spec.activation()).isEqualTo(GatedActivation.SWIGLU_OAI);
        assertThat(spec.router().weights()).isEqualTo(TopKWeights.NORMALIZED);
    }

    @Test
    void configsAndTensorsThatContradictAreRefused() {
        BlockFolder tensors = BlockFolder.ofExperts(MLP, EXPERTS, HIDDEN, INTERMEDIATE);
        assertRefused(tensors, qwen("\"num_experts\": 5"),
                "number of experts: found 5, expected 4, since the last one is");
        assertRefused(tensors, "{\"model_type\": \"qwen3_moe\"}", "num_experts_per_tok: found nothing");
        assertRefused(tensors, qwen("\"moe_k\": 3"), "num_experts_per_tok");
        assertRefused(tensors, "{\"model_type\": \"qwen3_moe\", \"num_experts_per_tok\": 5}",
                "at most the number of experts, 4");
        assertRefused(tensors, "{\"model_type\": \"qwen3_moe\", \"num_experts_per_tok\": \"2\"}",
                "expected a positive integer");
        assertRefused(BlockFolder.ofExperts(MLP, EXPERTS, HIDDEN, INTERMEDIATE)
                .tensor(MLP + ".experts.6.gate_proj.weight", INTERMEDIATE, HIDDEN), qwen(""),
                "5 experts, the last of them with tensor '" + MLP + ".experts.6.gate_proj.weight'");
        assertRefused(new BlockFolder().tensor(MLP + ".experts.gate_up_proj", EXPERTS, HIDDEN),
                "{\"model_type\": \"gpt_oss\"}",
                "[experts, hidden, 2 * intermediate]");
        assertRefused(new BlockFolder().experts(MLP, ExpertNames.GATE_UP_DOWN, EXPERTS, HIDDEN, INTERMEDIATE)
                .tensor(MLP + ".experts.0.gate_proj.weight", INTERMEDIATE, HIDDEN + 2), qwen(""),
                MLP + ".experts.0.up_proj.weight");
    }

    private static String qwen(String more) {
        return "{\"model_type\": \"qwen3_moe\", \"num_experts_per_tok\": 2" + (more.isEmpty() ? "" : ", " + more) + "}";
    }

    private void assertRefused(BlockFolder tensors, String config, String message) {
        Path written = tensors.write(folder, config);
        try (Model model = Model.open(written)) {
            assertThatThrownBy(() -> MoeLayers.of(model).getFirst().check()).isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(message);
        }
        deleteFiles();
    }

    private void deleteFiles() {
        folder.resolve("model.safetensors").toFile().delete();
        folder.resolve("config.json").toFile().delete();
    }
}
