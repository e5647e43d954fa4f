package org.quantado.kernels.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.LayerNumber;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
@Tag("golden")
class ExpertBucketsGoldenTest {
    private static final String PERMUTE = "routing/permute/";
    private static final String EXPERT_MAP = "routing/expert_map/";
    private static final int[] BLOCK_SIZES = {4, 16, 64};

    @TestFactory
    Stream<DynamicTest> bringsSlotsTogetherAsThePeerDoes() {
        return cases(PERMUTE, ExpertBucketsGoldenTest::buckets);
    }

    @TestFactory
    Stream<DynamicTest> placesExpertsAsThePeerDoes() {
        return cases(EXPERT_MAP, ExpertBucketsGoldenTest::placement);
    }

    private interface Check {
        void on(GoldenTensors golden, JsonNode facts);
    }

    private static Stream<DynamicTest> cases(String folder, Check check) {
        return GoldenFolder.cases(() -> GoldenFolder.names(folder)
                .map(name -> DynamicTest.dynamicTest(name,
                        () -> check.on(GoldenFolder.tensors(folder + name + ".safetensors"),
                                GoldenFolder.json(folder + name + ".json")))));
    }

    private static void buckets(GoldenTensors golden, JsonNode facts) {
        int experts = facts.get("num_experts").intValue();
        int[] all = IntStream.range(0, experts).toArray();
        int[] expertMap = golden.has("expert_map") ? golden.ints("expert_map") : all;
        int localExperts = facts.get("num_local_experts").intValue();
        Map<Integer, ExpertBuckets> local = fill(golden, facts, expertMap, localExperts);

        assertOrder(local.get(1), golden, facts.get("top_k").intValue());
        assertAligned(local, golden, "align", IntStream.range(0, localExperts).toArray());
        if (golden.has("expert_map")) {
            assertAligned(fill(golden, facts, all, experts), golden, "alignall", expertMap);
        }
    }

    private static void assertOrder(ExpertBuckets ordered, GoldenTensors golden, int topK) {
        int experts = ordered.localExperts();
        int[] starts = ordered.starts().toHeapArray();
        assertThat(Arrays.copyOf(starts, experts + 1)).isEqualTo(golden.ints("expert_offsets"));
        assertThat(Arrays.copyOfRange(starts, experts + 1, 2 * experts + 1)).isEqualTo(golden.ints("expert_counts"));
        int[] sorted = Arrays.copyOf(ordered.slots().toHeapArray(), starts[experts]);
        assertThat(sorted).isEqualTo(golden.ints("sorted_slots"));
        assertThat(Arrays.stream(sorted).map(slot -> slot / topK).toArray()).isEqualTo(golden.ints("sorted_tokens"));
        assertThat(ordered.rows().toHeapArray()).isEqualTo(golden.ints("inverse"));
    }

    /** Buckets of each size of a block, with one slot in a block among them. */
    private static Map<Integer, ExpertBuckets> fill(GoldenTensors golden, JsonNode facts, int[] expertMap,
            int localExperts) {
        IntArray ids = IntArray.fromArray(golden.ints("topk_ids"));
        IntArray tokens = IntArray.fromElements(facts.get("num_tokens").intValue());
        IntArray map = IntArray.fromArray(expertMap);
        LayerNumber layer = LayerNumber.of(1);
        Map<Integer, ExpertBuckets> bySize = new LinkedHashMap<>();
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.inputs(ids, tokens, map, layer.number());
            IntStream.concat(IntStream.of(1), IntStream.of(BLOCK_SIZES)).forEach(size -> {
                ExpertBuckets buckets = ExpertBuckets.allocate(map, localExperts, tokens.get(0),
                        facts.get("top_k").intValue(), size);
                buckets.addTo(graph, "bucket" + size, ids, tokens, layer);
                graph.outputs(buckets.starts(), buckets.slots(), buckets.rows(), buckets.blockExperts());
                bySize.put(size, buckets);
            });
        })) {
            plan.execute();
        }
        return bySize;
    }

    /** @param labels what the peer calls each expert */
    private static void assertAligned(Map<Integer, ExpertBuckets> bySize, GoldenTensors golden, String kind,
            int[] labels) {
        for (int size : BLOCK_SIZES) {
            ExpertBuckets buckets = bySize.get(size);
            String prefix = kind + "_b" + size;
            int length = buckets.starts().get(buckets.localExperts());
            assertThat(length).as(prefix).isEqualTo(golden.ints(prefix + "_num_tokens_post_padded")[0]);
            assertThat(Arrays.copyOf(buckets.slots().toHeapArray(), length)).as(prefix)
                    .isEqualTo(golden.ints(prefix + "_sorted_token_ids"));
            assertThat(Arrays.stream(buckets.blockExperts().toHeapArray()).limit(length / size)
                    .map(expert -> labels[expert]).toArray()).as(prefix).isEqualTo(golden.ints(prefix + "_expert_ids"));
            for (int slot = 0; slot < buckets.rows().getSize(); slot++) {
                int row = buckets.rows().get(slot);
                assertThat(row < 0 || buckets.slots().get(row) == slot).as("slot %d of %s", slot, prefix).isTrue();
            }
        }
    }

    private static void placement(GoldenTensors golden, JsonNode facts) {
        ExpertPlacement placement = ExpertPlacement
                .valueOf(facts.get("strategy").textValue().toUpperCase(Locale.ROOT));
        int experts = facts.get("global_num_experts").intValue();
        int ranks = facts.get("ep_size").intValue();
        int[] expected = golden.ints("expert_map");
        int[] counts = golden.ints("local_num_experts");
        for (int rank = 0; rank < ranks; rank++) {
            assertThat(placement.map(experts, rank, ranks).toHeapArray())
                    .isEqualTo(Arrays.copyOfRange(expected, rank * experts, (rank + 1) * experts));
            assertThat(placement.expertsOf(experts, rank, ranks)).hasSize(counts[rank]);
        }
    }
}
