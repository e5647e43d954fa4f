package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.kernels.graph.GraphPlan;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class LayerBlocksTest {
    @Test
    void blocksAndExpertsAreThoseOfTheLayer() {
        IntArray layer = new IntArray(1);
        RowBlocks[] blocks = new RowBlocks[1];
        IntArray[] experts = new IntArray[1];
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.inputs(layer);
            blocks[0] = LayerBlocks.addTo(graph, "blocks", 4, 10, layer);
            experts[0] = LayerBlocks.addExperts(graph, "experts", 5, layer);
            graph.outputs(blocks[0].weightBlocks(), experts[0]);
        })) {
            for (int number : new int[]{3, 0, 7}) {
                layer.set(0, number);
                plan.execute();
                assertThat(blocks[0].rows()).isEqualTo(4);
                assertThat(blocks[0].weightBlocks().toHeapArray()).containsExactly(number, number, number);
                int first = 5 * number;
                assertThat(experts[0].toHeapArray()).containsExactly(first, first + 1, first + 2, first + 3, first + 4);
            }
        }
    }
}
