package org.quantado.kernels.experts;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A quantized layer beside experts. */
record QuantizedSide(Matmul matmul, Optional<Quantizer> inputQuantizer) implements PreparedSide {
    @Override
    public List<Matmul> matmuls() {
        return List.of(matmul);
    }

    @Override
    public List<FloatArray> floats() {
        return List.of();
    }

    @Override
    public void addTo(LayerGraph graph, String stage, Rows x, Rows y) {
        Rows input = inputQuantizer.map(quantizer -> quantizer.addTo(graph, stage + "Input", x, false).values())
                .orElse(x);
        matmul.addTo(graph, stage, input,
                RowBlocks.ofOneWeight(graph, matmul.rowsPerBlock(x.capacity()), x.capacity()), y);
    }
}
