package org.quantado.bench.workloads;

import java.util.Optional;
import java.util.SplittableRandom;

import org.quantado.kernels.routing.ExpertGroups;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.kernels.routing.TopKWeights;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A way of choosing experts.
 *
 * @param name what it is called
 * @param router from logits to experts
 * @param biased whether a bias is added to the scores when experts are compared
 */
public record Routing(String name, TopKRouter router, boolean biased) {
    /** As in Qwen3-MoE: softmax over 128 experts, the best 8. */
    public static final Routing SOFTMAX = new Routing("softmax", TopKRouter.of(128, 8, ScoreFunction.SOFTMAX, true),
            false);
    /** As in DeepSeek-V3: sigmoid and bias of 256 experts, the best 8 out of the best 4 of 8 groups. */
    public static final Routing SIGMOID_GROUPED = new Routing("sigmoid_grouped",
            new TopKRouter(256, 8, ScoreFunction.SIGMOID, TopKRouter.Choice.SCORES, TopKWeights.NORMALIZED,
                    Optional.of(new ExpertGroups(8, 4)), 2.5f),
            true);

    private static final long SEED = 7;

    /** {@code [E]}, added to the scores when experts are compared. */
    Optional<FloatArray> bias() {
        return biased ? Optional.of(RandomFloats.centered(router.experts(), SEED)) : Optional.empty();
    }

    /** {@code [T, E]}: for each token the same evenly spaced numbers in another order, so that none are nearly equal. */
    FloatArray logits(int tokens) {
        SplittableRandom random = new SplittableRandom(SEED);
        int experts = router.experts();
        FloatArray logits = new FloatArray(tokens * experts);
        for (int t = 0; t < tokens; t++) {
            for (int e = 0; e < experts; e++) {
                int other = random.nextInt(e + 1);
                logits.set(t * experts + e, logits.get(t * experts + other));
                logits.set(t * experts + other, 8.0f * e / experts - 4.0f);
            }
        }
        return logits;
    }
}
