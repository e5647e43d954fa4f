package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.quantado.kernels.routing.ExpertPlacement;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What the ranks give sums to what the whole block gives, shared experts included. */
class PartitionTest {
    private static final String BLOCK = "model.layers.0.mlp";
    private static final int EXPERTS = 6;
    private static final int HIDDEN = 32;
    private static final int INTERMEDIATE = 128;
    private static final int SHARED = 256;
    private static final double TOLERANCE = 1e-5;

    private static Path folder;
    private static Model model;
    private static MoeLayer layer;

    @BeforeContainer
    static void writeCheckpoint() throws IOException {
        folder = Files.createTempDirectory("block");
        BlockFolder.ofExperts(BLOCK, EXPERTS, HIDDEN, INTERMEDIATE).tensor(BLOCK + ".gate.weight", EXPERTS, HIDDEN)
                .tensor(BLOCK + ".gate.e_score_correction_bias", EXPERTS)
                .tensor(BLOCK + ".shared_experts.gate_proj.weight", SHARED, HIDDEN)
                .tensor(BLOCK + ".shared_experts.up_proj.weight", SHARED, HIDDEN)
                .tensor(BLOCK + ".shared_experts.down_proj.weight", HIDDEN, SHARED)
                .write(folder, """
                        {"model_type": "deepseek_v3", "n_routed_experts": 6, "num_experts_per_tok": 3, "n_group": 3,
                         "topk_group": 2, "scoring_func": "sigmoid", "norm_topk_prob": true,
                         "routed_scaling_factor": 2.5, "torch_dtype": "bfloat16"}""");
        model = Model.open(folder);
        layer = MoeLayers.of(model).getFirst();
    }

    @AfterContainer
    static void closeModel() throws IOException {
        model.close();
        Files.delete(folder.resolve("model.safetensors"));
        Files.delete(folder.resolve("config.json"));
        Files.delete(folder);
    }

    @Property(tries = 12)
    void ranksSumToTheWhole(@ForAll ExpertPlacement placement, @ForAll @IntRange(min = 1, max = EXPERTS) int expertSize,
            @ForAll @IntRange(max = 2) int tensorShift, @ForAll @IntRange(min = 1, max = 9) int tokens) {
        int tensorSize = 1 << tensorShift;
        FloatArray x = BlockFolder.gaussian(tokens * HIDDEN, tokens);
        FloatArray sum = new FloatArray(x.getSize());
        for (int expertRank = 0; expertRank < expertSize; expertRank++) {
            for (int tensorRank = 0; tensorRank < tensorSize; tensorRank++) {
                FloatArray part = run(x, new MoeParallel(placement, expertRank, expertSize, tensorRank, tensorSize));
                for (int i = 0; i < sum.getSize(); i++) {
                    sum.set(i, sum.get(i) + part.get(i));
                }
            }
        }
        Golden.assertRows(sum, run(x, MoeParallel.WHOLE).toHeapArray(), HIDDEN, TOLERANCE);
    }

    /** Groups of 32 are not cut, so the parts' codes are those of the whole. */
    private static FloatArray run(FloatArray x, MoeParallel part) {
        try (QuantizedMoe moe = layer.load(part, Activations.OFF, Optional.of(OnlineFormat.MXFP8))) {
            return moe.apply(x);
        }
    }

    @Property(tries = 1)
    void partsThatAreNotWholeAreRefused() {
        assertThatThrownBy(() -> run(new FloatArray(HIDDEN), MoeParallel.tensors(0, 3)))
                .isInstanceOf(SchemeException.class)
                .hasMessageContaining("intermediate_size=128 of layer '" + BLOCK + "' is not divisible by");
        assertThatThrownBy(() -> run(new FloatArray(HIDDEN), MoeParallel.tensors(0, 8)))
                .isInstanceOf(SchemeException.class)
                .hasMessageContaining("Online MXFP8 MoE requires hidden/intermediate sizes divisible by 32.");
        assertThatThrownBy(() -> run(new FloatArray(HIDDEN), MoeParallel.experts(ExpertPlacement.LINEAR, 0, 7)))
                .isInstanceOf(SchemeException.class).hasMessageContaining("6 experts for 7 expert-parallel ranks");
        assertThatThrownBy(() -> MoeParallel.tensors(2, 2)).isInstanceOf(IllegalArgumentException.class);
    }
}
