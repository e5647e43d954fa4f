package org.quantado.kernels.matmul;

import java.util.List;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A weight as it was loaded, for {@link PortableMatmul}. */
record PortableLayout(ExpertMatrix weights) implements Matmul {
    @Override
    public Object[] arrays() {
        return new ResidentWeights(List.of(weights.stacked())).arrays();
    }

    @Override
    public void touch(LayerGraph graph, String task) {
        ResidentWeights.touch(graph, task, weights.stacked());
    }

    @Override
    public int rowsPerBlock(int capacity) {
        return 1;
    }

    @Override
    public void addTo(LayerGraph graph, String task, Rows x, IntArray blocks, Rows y) {
        PortableMatmul.addTo(graph, task, x, blocks, weights, y);
    }
}
