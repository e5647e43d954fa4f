package org.quantado.kernels.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;
import org.quantado.kernels.routing.TopKRouter.Choice;

/** Cases of one configuration share a graph, whatever their number of tokens. */
@Tag("device")
@Tag("golden")
class TopKRouterGoldenTest {
    private static final String FOLDER = "routing/topk/";
    private static final int MOST_TOKENS = 128;
    private static final double WEIGHT_TOLERANCE = 1e-5;
    private static final double BF16_WEIGHT_TOLERANCE = 3e-2;

    private final Map<Configuration, RoutingRun> runs = new HashMap<>();

    private record Configuration(TopKRouter router, boolean hasBias) {
    }

    @AfterEach
    void closePlans() {
        runs.values().forEach(RoutingRun::close);
    }

    @TestFactory
    Stream<DynamicTest> routesAsThePeerDoes() {
        return cases(false, name -> routes(name, Choice.SCORES, "topk_ids", "topk_weights", WEIGHT_TOLERANCE));
    }

    /** The peer's weights are not exact where it takes the logarithm of a sum of exponentials of very large logits. */
    @TestFactory
    Stream<DynamicTest> routesByLogitsAsThePeersCpuPathDoes() {
        return cases(true, name -> {
            JsonNode facts = facts(name);
            boolean bf16 = facts.get("logits_dtype").textValue().equals("bf16");
            boolean inexact = name.startsWith("extreme_") && !facts.get("renormalize").booleanValue();
            double tolerance = bf16 ? BF16_WEIGHT_TOLERANCE : WEIGHT_TOLERANCE;
            routes(name, Choice.LOGITS, "cpu_topk_ids", inexact ? "" : "cpu_topk_weights", tolerance);
        });
    }

    private interface Check {
        void on(String name);
    }

    private static Stream<DynamicTest> cases(boolean ofCpuPath, Check check) {
        return GoldenFolder.cases(() -> GoldenFolder.names(FOLDER)
                .filter(name -> !ofCpuPath || tensors(name).has("cpu_topk_ids"))
                .map(name -> DynamicTest.dynamicTest(name, () -> check.on(name))));
    }

    private static GoldenTensors tensors(String name) {
        return GoldenFolder.tensors(FOLDER + name + ".safetensors");
    }

    private static JsonNode facts(String name) {
        return GoldenFolder.json(FOLDER + name + ".json");
    }

    private void routes(String name, Choice choice, String idsName, String weightsName, double tolerance) {
        GoldenTensors golden = tensors(name);
        JsonNode facts = facts(name);
        boolean hasBias = facts.get("has_bias").booleanValue();
        RoutingRun run = runs.computeIfAbsent(new Configuration(router(facts, choice), hasBias),
                configuration -> new RoutingRun(configuration.router, hasBias, MOST_TOKENS));

        run.run(golden.floats("router_logits"), hasBias ? golden.floats("e_score_correction_bias") : new float[0]);

        assertThat(run.ids()).isEqualTo(golden.ints(idsName));
        if (!weightsName.isEmpty()) {
            float[] expected = golden.floats(weightsName);
            float[] weights = run.weights();
            for (int slot = 0; slot < expected.length; slot++) {
                assertThat(weights[slot]).as("weight of slot %d", slot).isCloseTo(expected[slot],
                        within((float) (tolerance * Math.abs(expected[slot]))));
            }
        }
    }

    private static TopKRouter router(JsonNode facts, Choice choice) {
        int groups = facts.path("num_expert_group").asInt(0);
        return new TopKRouter(facts.get("num_experts").intValue(), facts.get("top_k").intValue(),
                ScoreFunction.valueOf(facts.get("scoring_func").textValue().toUpperCase(Locale.ROOT)), choice,
                TopKWeights.of(facts.get("renormalize").booleanValue()),
                groups > 0
                        ? Optional.of(new ExpertGroups(groups, facts.get("topk_group").intValue()))
                        : Optional.empty(),
                (float) facts.get("routed_scaling_factor").asDouble(1));
    }
}
