package org.quantado.kernels.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.routing.ExpertBuckets.Aligned;
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
        IntArray labels = IntArray.fromElements(0, 1);
        IntArray shape = new IntArray(1);
        List<ExpertBuckets> buckets = new ArrayList<>();
        List<Aligned> aligned = new ArrayList<>();
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.inputs(ids, tokens, map, labels);
            buckets.add(ExpertBuckets.addTo(graph, ids, TOP_K, tokens, map, labels.getSize()));
            aligned.add(buckets.getFirst().align(graph, 1, labels, shape));
            graph.outputs(buckets.getFirst().counts(), aligned.getFirst().slots(), aligned.getFirst().rows(), shape);
        })) {
            plan.execute();
        }
        assertThat(buckets.getFirst().counts().toHeapArray()).containsExactly(2, 1);
        assertThat(shape.get(0)).isEqualTo(3);
        assertThat(aligned.getFirst().slots().toHeapArray()).startsWith(2, 7, 1);
        assertThat(aligned.getFirst().rows().toHeapArray()).containsExactly(-1, 2, 0, -1, -1, -1, -1, 1, -1, -1);
    }
}
