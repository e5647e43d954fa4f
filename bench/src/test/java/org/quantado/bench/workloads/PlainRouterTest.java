package org.quantado.bench.workloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.quantado.kernels.routing.ExpertGroups;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.kernels.routing.TopKWeights;

class PlainRouterTest {
    @Test
    void softmaxIsDividedAmongTheBest() {
        PlainRouter router = PlainRouter.of(TopKRouter.of(4, 2, ScoreFunction.SOFTMAX, true));
        PlainRouter.Choice choice = router.choose(new double[]{0, Math.log(3), -1, 0});
        assertThat(choice.ids()).containsExactly(1, 0);
        assertThat(choice.weights()).containsExactly(new double[]{0.75, 0.25}, within(1e-12));
    }

    @Test
    void groupsAreComparedByTheirTwoBestAndBiasCountsForTheChoiceOnly() {
        TopKRouter router = new TopKRouter(6, 2, ScoreFunction.SIGMOID, TopKRouter.Choice.SCORES, TopKWeights.SCORES,
                Optional.of(new ExpertGroups(2, 1)), 2.0f);
        PlainRouter.Choice choice = new PlainRouter(router, new double[]{0, 0, 0, 0, 0, 0.25})
                .choose(new double[]{9, -9, -9, 0, 1, 0});
        assertThat(choice.ids()).containsExactly(5, 4);
        assertThat(choice.weights()).containsExactly(new double[]{1, 2 / (1 + Math.exp(-1))}, within(1e-12));
    }
}
