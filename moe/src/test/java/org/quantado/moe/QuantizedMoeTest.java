package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.MoePlan;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.routing.ExpertPlacement;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.model.Model;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The corners of routing, on a block of experts of a Qwen3-MoE checkpoint. */
@Tag("device")
class QuantizedMoeTest {
    private static final String BLOCK = "model.layers.0.mlp";
    private static final int EXPERTS = 5;
    private static final int TOP_K = 2;
    private static final int HIDDEN = 64;
    private static final int INTERMEDIATE = 32;
    private static final double TOLERANCE = 1e-5;

    @TempDir
    private Path folder;
    private Model model;
    private MoeLayer layer;

    @BeforeEach
    void writeCheckpoint() {
        BlockFolder.ofExperts(BLOCK, EXPERTS, HIDDEN, INTERMEDIATE).tensor(BLOCK + ".gate.weight", EXPERTS, HIDDEN)
                .write(folder, config(TOP_K));
        model = Model.open(folder);
        layer = MoeLayers.find(model, BLOCK).orElseThrow();
    }

    @AfterEach
    void closeModel() {
        model.close();
    }

    private static String config(int topK) {
        return "{\"model_type\": \"qwen3_moe\", \"num_experts\": " + EXPERTS + ", \"num_experts_per_tok\": " + topK
                + ", \"norm_topk_prob\": true, \"torch_dtype\": \"bfloat16\"}";
    }

    private QuantizedMoe load(MoeParallel part) {
        return layer.load(part, Activations.OFF, Optional.of(OnlineFormat.MXFP8));
    }

    private MoeBlock read(MoeParallel part) {
        return Blocks.of(model, layer, part, Activations.OFF, Optional.of(OnlineFormat.MXFP8));
    }

    private void assertGiven(QuantizedMoe moe, int tokens, int... ids) {
        FloatArray x = BlockFolder.gaussian(tokens * HIDDEN, tokens);
        FloatArray weights = BlockFolder.gaussian(ids.length, 99);
        FloatArray y = moe.apply(x, weights, IntArray.fromArray(ids));
        float[] expected = new Float64Block(read(moe.spec().parallel())).apply(x, weights.toHeapArray(), ids,
                moe.spec().router().topK());
        Golden.assertRows(y, expected, HIDDEN, TOLERANCE);
    }

    @Test
    void tokensGoToTheirExpertsHoweverTheyAreSpread() {
        try (QuantizedMoe moe = load(MoeParallel.WHOLE)) {
            assertGiven(moe, 1, 3, 1);
            assertGiven(moe, 4, 0, 1, 1, 0, 0, 1, 1, 0);
            assertGiven(moe, 4, 2, 2, 2, 2, 2, 2, 2, 2);
            assertGiven(moe, 4, 4, 3, 2, 1, 0, 4, 3, 2);
            assertThat(moe.apply(new FloatArray(0), new FloatArray(0), new IntArray(0)).getSize()).isZero();
        }
    }

    @Test
    void largeBatchesAreRunInSlices() {
        try (QuantizedMoe moe = load(MoeParallel.WHOLE)) {
            int tokens = 300;
            assertGiven(moe, tokens, IntStream.range(0, tokens * TOP_K).map(slot -> slot * 7 % EXPERTS).toArray());
        }
    }

    @Test
    void expertsOfOtherRanksAddNothing() {
        try (QuantizedMoe moe = load(MoeParallel.experts(ExpertPlacement.ROUND_ROBIN, 1, 3))) {
            assertThat(moe.spec().localExperts()).containsExactly(1, 4);
            assertGiven(moe, 4, 0, 1, 1, 0, 0, 2, 4, 1);
            FloatArray none = moe.apply(BlockFolder.gaussian(HIDDEN, 1), FloatArray.fromElements(1, 1),
                    IntArray.fromElements(0, 2));
            assertThat(none.toHeapArray()).containsOnly(0);
        }
    }

    @Test
    void theThreeWaysInAgree() {
        try (QuantizedMoe moe = load(MoeParallel.WHOLE)) {
            FloatArray x = BlockFolder.gaussian(4 * HIDDEN, 5);
            FloatArray logits = logits(x);
            int[] ids = new int[4 * TOP_K];
            float[] weights = new float[4 * TOP_K];
            route(logits, ids, weights);
            float[] expected = new Float64Block(read(MoeParallel.WHOLE)).apply(x, weights, ids, TOP_K);
            Golden.assertRows(moe.apply(x), expected, HIDDEN, TOLERANCE);
            Golden.assertRows(moe.apply(x, logits), expected, HIDDEN, TOLERANCE);
            Golden.assertRows(moe.apply(x, FloatArray.fromArray(weights), IntArray.fromArray(ids)), expected, HIDDEN,
                    TOLERANCE);
        }
    }

    /** Rows that pad a batch have no expert, and give what is shared by all. */
    @Test
    void idsOfNoExpertCountForNone() {
        FloatArray x = BlockFolder.gaussian(40 * HIDDEN, 6);
        int[] ids = new int[40 * TOP_K];
        Arrays.setAll(ids, slot -> slot % 7 < 4 ? MoePlan.NO_EXPERT : slot % EXPERTS);
        FloatArray weights = BlockFolder.gaussian(ids.length, 7);
        float[] expected = new Float64Block(read(MoeParallel.WHOLE)).apply(x, weights.toHeapArray(), ids, TOP_K);
        try (QuantizedMoe moe = load(MoeParallel.WHOLE)) {
            Golden.assertRows(moe.apply(x, weights, IntArray.fromArray(ids)), expected, HIDDEN, TOLERANCE);
        }
    }

    private FloatArray logits(FloatArray x) {
        Float64Block block = new Float64Block(read(MoeParallel.WHOLE));
        FloatArray logits = new FloatArray(x.getSize() / HIDDEN * EXPERTS);
        for (int t = 0; t < x.getSize() / HIDDEN; t++) {
            int first = t * HIDDEN;
            double[] ofToken = block.logits(IntStream.range(0, HIDDEN).mapToDouble(h -> x.get(first + h)).toArray());
            for (int e = 0; e < EXPERTS; e++) {
                logits.set(t * EXPERTS + e, (float) ofToken[e]);
            }
        }
        return logits;
    }

    /** Softmax, top 2 by sorting, renormalized. */
    private static void route(FloatArray logits, int[] ids, float[] weights) {
        for (int t = 0; t < ids.length / TOP_K; t++) {
            int token = t;
            Integer[] best = IntStream.range(0, EXPERTS).boxed().toArray(Integer[]::new);
            Arrays.sort(best,
                    (a, b) -> Float.compare(logits.get(token * EXPERTS + b), logits.get(token * EXPERTS + a)));
            double first = Math.exp(logits.get(token * EXPERTS + best[0]));
            double second = Math.exp(logits.get(token * EXPERTS + best[1]));
            ids[t * TOP_K] = best[0];
            ids[t * TOP_K + 1] = best[1];
            weights[t * TOP_K] = (float) (first / (first + second));
            weights[t * TOP_K + 1] = (float) (second / (first + second));
        }
    }

    @Test
    void loadingTwiceGivesTheSame() {
        FloatArray x = BlockFolder.gaussian(3 * HIDDEN, 8);
        try (QuantizedMoe first = load(MoeParallel.WHOLE); QuantizedMoe second = load(MoeParallel.WHOLE)) {
            float[] y = first.apply(x).toHeapArray();
            assertThat(second.apply(x).toHeapArray()).isEqualTo(y);
            assertThat(first.apply(x).toHeapArray()).isEqualTo(y);
        }
    }

    @Test
    void flavourThatIsForcedMustExist() {
        System.setProperty(FlavourChoice.FLAVOUR_PROPERTY, "spicy");
        try {
            assertThatThrownBy(() -> load(MoeParallel.WHOLE)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no flavour spicy");
        } finally {
            System.clearProperty(FlavourChoice.FLAVOUR_PROPERTY);
        }
    }

    @Test
    void badInputIsRefused() {
        QuantizedMoe moe = load(MoeParallel.WHOLE);
        FloatArray x = new FloatArray(HIDDEN);
        assertThatThrownBy(() -> moe.apply(x, new FloatArray(TOP_K), IntArray.fromElements(0, EXPERTS)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("expert id out of range")
                .hasMessageContaining("has 5, expected 0 to 4");
        assertThatThrownBy(() -> moe.apply(x, new FloatArray(TOP_K), IntArray.fromElements(-2, 0)))
                .hasMessageContaining("expert id out of range");
        assertThatThrownBy(() -> moe.apply(x, new FloatArray(1), IntArray.fromElements(0, 1)))
                .hasMessage("topk_weights has 1 elements, expected [1, 2]");
        assertThatThrownBy(() -> moe.apply(x, new FloatArray(EXPERTS + 1)))
                .hasMessage("router_logits has 6 elements, expected [1, 5]");
        assertThatThrownBy(() -> moe.apply(new FloatArray(HIDDEN + 1))).hasMessageContaining("tokens of 64");
        moe.close();
        assertThatThrownBy(() -> moe.apply(x)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was closed");
    }
}
