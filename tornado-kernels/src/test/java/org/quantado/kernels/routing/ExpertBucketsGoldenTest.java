package org.quantado.kernels.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.routing.ExpertBuckets.Aligned;
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
        int[] expertMap = golden.has("expert_map") ? golden.ints("expert_map") : IntStream.range(0, experts).toArray();
        Found local = find(golden, facts, expertMap, IntStream.range(0, facts.get("num_local_experts").intValue())
                .toArray());

        assertThat(local.buckets.counts().toHeapArray()).isEqualTo(golden.ints("expert_counts"));
        assertOrder(local.ordered, golden, facts.get("top_k").intValue());
        assertAligned(local, golden, "align");
        if (golden.has("expert_map")) {
            assertAligned(find(golden, facts, IntStream.range(0, experts).toArray(), expertMap), golden, "alignall");
        }
    }

    private static void assertOrder(Aligned ordered, GoldenTensors golden, int topK) {
        int[] offsets = ordered.starts().toHeapArray();
        assertThat(offsets).isEqualTo(golden.ints("expert_offsets"));
        int[] sorted = Arrays.copyOf(ordered.slots().toHeapArray(), offsets[offsets.length - 1]);
        assertThat(sorted).isEqualTo(golden.ints("sorted_slots"));
        assertThat(Arrays.stream(sorted).map(slot -> slot / topK).toArray()).isEqualTo(golden.ints("sorted_tokens"));
        assertThat(ordered.rows().toHeapArray()).isEqualTo(golden.ints("inverse"));
    }

    /**
     * @param ordered with blocks of one slot
     * @param lengths of what is aligned
     */
    private record Found(ExpertBuckets buckets, Aligned ordered, List<Aligned> aligned, List<IntArray> lengths) {
    }

    /** @param labels of the experts that {@code expertMap} has */
    private static Found find(GoldenTensors golden, JsonNode facts, int[] expertMap, int[] labels) {
        int topK = facts.get("top_k").intValue();
        IntArray ids = IntArray.fromArray(golden.ints("topk_ids"));
        IntArray tokens = IntArray.fromElements(facts.get("num_tokens").intValue());
        IntArray map = IntArray.fromArray(expertMap);
        IntArray labelArray = IntArray.fromArray(labels);
        List<Found> found = new ArrayList<>();
        try (GraphPlan graph = GraphPlan.of("tested",
                tasks -> found.add(add(tasks, ids, topK, tokens, map, labelArray)))) {
            graph.execute();
        }
        return found.getFirst();
    }

    private static Found add(LayerGraph graph, IntArray ids, int topK, IntArray tokens, IntArray map,
            IntArray labels) {
        graph.inputs(ids, tokens, map, labels);
        ExpertBuckets buckets = ExpertBuckets.addTo(graph, ids, topK, tokens, map, labels.getSize());
        Aligned ordered = buckets.align(graph, 1, labels, new IntArray(1));
        graph.outputs(buckets.counts(), ordered.starts(), ordered.slots(), ordered.rows());
        List<IntArray> lengths = Arrays.stream(BLOCK_SIZES).mapToObj(size -> new IntArray(1)).toList();
        List<Aligned> aligned = IntStream.range(0, BLOCK_SIZES.length)
                .mapToObj(i -> buckets.align(graph, BLOCK_SIZES[i], labels, lengths.get(i))).toList();
        lengths.forEach(graph::outputs);
        aligned.forEach(blocks -> graph.outputs(blocks.slots(), blocks.rows(), blocks.blockExperts()));
        return new Found(buckets, ordered, aligned, lengths);
    }

    private static void assertAligned(Found found, GoldenTensors golden, String kind) {
        for (int i = 0; i < BLOCK_SIZES.length; i++) {
            Aligned aligned = found.aligned.get(i);
            String prefix = kind + "_b" + BLOCK_SIZES[i];
            int length = found.lengths.get(i).get(0);
            assertThat(length).as(prefix).isEqualTo(golden.ints(prefix + "_num_tokens_post_padded")[0]);
            assertThat(Arrays.copyOf(aligned.slots().toHeapArray(), length)).as(prefix)
                    .isEqualTo(golden.ints(prefix + "_sorted_token_ids"));
            assertThat(Arrays.copyOf(aligned.blockExperts().toHeapArray(), length / BLOCK_SIZES[i])).as(prefix)
                    .isEqualTo(golden.ints(prefix + "_expert_ids"));
            for (int slot = 0; slot < aligned.rows().getSize(); slot++) {
                int row = aligned.rows().get(slot);
                assertThat(row < 0 || aligned.slots().get(row) == slot).as("slot %d of %s", slot, prefix).isTrue();
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
