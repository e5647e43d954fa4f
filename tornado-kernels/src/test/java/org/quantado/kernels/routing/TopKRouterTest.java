package org.quantado.kernels.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("device")
class TopKRouterTest {
    private static final int TOKENS = 40;
    private static final double TOLERANCE = 1e-5;

    private final Random random = new Random(3);

    @Test
    void choosesOneOrAllExperts() {
        for (int experts : new int[]{1, 7, 32}) {
            for (int topK : new int[]{1, experts}) {
                check(TopKRouter.of(experts, topK, ScoreFunction.SOFTMAX, true));
                check(TopKRouter.of(experts, topK, ScoreFunction.SIGMOID, false));
            }
        }
    }

    /** Few different logits, so that most scores are tied, against a stable sort. */
    private void check(TopKRouter router) {
        float[] logits = new float[TOKENS * router.experts()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = random.nextInt(4);
        }
        try (RoutingRun run = new RoutingRun(router, false, TOKENS)) {
            run.run(logits, new float[0]);
            for (int t = 0; t < TOKENS; t++) {
                int first = t * router.experts();
                int[] expected = IntStream.range(0, router.experts()).boxed()
                        .sorted((a, b) -> Float.compare(logits[first + b], logits[first + a])).limit(router.topK())
                        .mapToInt(Integer::intValue).toArray();
                int slot = t * router.topK();
                assertThat(Arrays.copyOfRange(run.ids(), slot, slot + router.topK())).isEqualTo(expected);
                double sum = IntStream.range(0, router.topK()).mapToDouble(j -> run.weights()[slot + j]).sum();
                double expectedSum = router.weights().equals(TopKWeights.NORMALIZED)
                        ? 1
                        : Arrays.stream(expected).mapToDouble(e -> 1 / (1 + Math.exp(-logits[first + e]))).sum();
                assertThat(sum).isCloseTo(expectedSum, within(TOLERANCE * expectedSum));
            }
        }
    }

    @Test
    void scoresThatAreNoNumbersAreZero() {
        float inf = Float.POSITIVE_INFINITY;
        float[] logits = {Float.NaN, 1, 2, inf, 0, 1, -inf, -inf, -inf, -inf, 5, 4};
        try (RoutingRun run = new RoutingRun(TopKRouter.of(3, 2, ScoreFunction.SOFTMAX, true), false, 4)) {
            run.run(logits, new float[0]);
            assertThat(run.ids()).containsExactly(0, 1, 0, 1, 0, 1, 1, 2);
            assertThat(Arrays.copyOf(run.weights(), 6)).containsOnly(0);
        }
        try (RoutingRun run = new RoutingRun(TopKRouter.of(3, 2, ScoreFunction.SIGMOID, false), false, 4)) {
            run.run(logits, new float[0]);
            assertThat(run.ids()).containsExactly(2, 1, 0, 2, 0, 1, 1, 2);
            assertThat(run.weights()[2]).isEqualTo(1);
            assertThat(run.weights()[4]).isZero();
        }
    }

    @Test
    void divisorsAreKeptFromZeroAsFamiliesDo() {
        float[] logits = {-20, -21, -22};
        double first = 1 / (1 + Math.exp(20));
        double sum = first + 1 / (1 + Math.exp(21));
        assertThat(weights(ScoreFunction.SIGMOID, new TopKWeights.Normalized(1e-6f, 0), logits)[0])
                .isCloseTo((float) (first / (sum + 1e-6)), within(1e-6f));
        assertThat(weights(ScoreFunction.SIGMOID, new TopKWeights.Normalized(0, 1), logits)[0])
                .isCloseTo((float) first, within(1e-13f));
    }

    /** Expert 2 is near the first choice, which is not among those that the second is compared with; expert 0 is far. */
    @Test
    void sparseMixerSharesAmongNearLogits() {
        float[] weights = weights(ScoreFunction.SOFTMAX, new TopKWeights.SparseMixer(0.25f),
                new float[]{1, 4, 3.5f, 3});
        assertThat(weights[0]).isCloseTo((float) (1 / (1 + Math.exp(-0.5) + Math.exp(-1))), within(1e-6f));
        assertThat(weights[1]).isCloseTo((float) (1 / (1 + Math.exp(-0.5))), within(1e-6f));
    }

    private static float[] weights(ScoreFunction scores, TopKWeights weights, float[] logits) {
        TopKRouter router = new TopKRouter(logits.length, 2, scores, TopKRouter.Choice.LOGITS, weights,
                Optional.empty(), 1);
        try (RoutingRun run = new RoutingRun(router, false, 1)) {
            run.run(logits, new float[0]);
            return run.weights();
        }
    }

    @Test
    void noTokensGiveNothing() {
        try (RoutingRun run = new RoutingRun(TopKRouter.of(4, 2, ScoreFunction.SOFTMAX, true), false, 4)) {
            run.run(new float[0], new float[0]);
            assertThat(run.ids()).isEmpty();
        }
    }

    @Test
    void groupsThatDoNotDivideTheExpertsAreNotUsed() {
        assertThat(router(10, new ExpertGroups(4, 2)).groups()).isEmpty();
        assertThat(router(4, new ExpertGroups(4, 2)).groups()).isEmpty();
        assertThat(router(8, new ExpertGroups(4, 2)).groups()).isPresent();
        assertThatThrownBy(() -> new ExpertGroups(2, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> router(1, new ExpertGroups(1, 1))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("top_k = 2 of 1 experts: expected 1 to 1");
    }

    private static TopKRouter router(int experts, ExpertGroups groups) {
        return new TopKRouter(experts, 2, ScoreFunction.SOFTMAX, TopKRouter.Choice.SCORES, TopKWeights.NORMALIZED,
                Optional.of(groups),
                1);
    }
}
