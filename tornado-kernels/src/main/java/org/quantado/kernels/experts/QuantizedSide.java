package org.quantado.kernels.experts;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A quantized layer beside experts.
 *
 * @param matmul with the L weights {@code [N, H]}
 * @param number which of the L
 * @param inputQuantizer how tokens are quantized, if they are
 */
record QuantizedSide(Matmul matmul, LayerNumber number, Optional<Quantizer> inputQuantizer) implements PreparedSide {
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
        matmul.addTo(graph, stage, input, RowBlocks.ofLayer(graph, stage + "Blocks", number, x.capacity())
                .withRows(matmul.rowsPerBlock(x.capacity())), y);
    }
}
