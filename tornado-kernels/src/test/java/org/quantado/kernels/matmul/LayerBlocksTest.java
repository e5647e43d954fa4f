package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.kernels.graph.GraphPlan;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class LayerBlocksTest {
    @Test
    void blocksAreThoseOfTheLayer() {
        IntArray layer = new IntArray(1);
        RowBlocks[] blocks = new RowBlocks[1];
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.inputs(layer);
            blocks[0] = LayerBlocks.addTo(graph, "blocks", 4, 10, layer);
            graph.outputs(blocks[0].weightBlocks());
        })) {
            for (int number : new int[]{3, 0, 7}) {
                layer.set(0, number);
                plan.execute();
                assertThat(blocks[0].rows()).isEqualTo(4);
                assertThat(blocks[0].weightBlocks().toHeapArray()).containsExactly(number, number, number);
            }
        }
    }
}
