package org.quantado.kernels.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.LayerNumber;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class ExpertBucketsTest {
    private static final int TOP_K = 2;

    /** As the rows that pad a batch: six of ten slots are nobody's. */
    @Test
    void slotsWithoutExpertAreCountedForNone() {
        IntArray ids = IntArray.fromElements(-1, 1, 0, -1, -1, -1, 2, 0, -1, -1);
        IntArray tokens = IntArray.fromElements(ids.getSize() / TOP_K);
        IntArray map = IntArray.fromElements(0, 1, -1);
        LayerNumber layer = LayerNumber.of(4);
        layer.number().set(0, 3);
        ExpertBuckets buckets = ExpertBuckets.allocate(map, 2, tokens.get(0), TOP_K, 1);
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.inputs(ids, tokens, map, layer.number());
            buckets.addTo(graph, "bucket", ids, tokens, layer);
            graph.outputs(buckets.starts(), buckets.slots(), buckets.rows(), buckets.blockExperts());
        })) {
            plan.execute();
        }
        assertThat(buckets.starts().toHeapArray()).containsExactly(0, 2, 3, 2, 1, 2, 1);
        assertThat(buckets.slots().toHeapArray()).startsWith(2, 7, 1);
        assertThat(buckets.rows().toHeapArray()).containsExactly(-1, 2, 0, -1, -1, -1, -1, 1, -1, -1);
        assertThat(buckets.blockExperts().toHeapArray()).startsWith(6, 6, 7);
    }
}
