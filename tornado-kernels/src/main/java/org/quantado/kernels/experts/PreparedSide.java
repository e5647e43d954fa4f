package org.quantado.kernels.experts;

import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.FloatMatmul;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.quantize.Quantizer;

/**
 * A layer beside experts, with its weights in the layout of a flavour.
 *
 * @param matmul with the L weights {@code [N, H]}
 * @param number which of the L
 * @param inputQuantizer how tokens are quantized, if they are
 */
record PreparedSide(Matmul matmul, LayerNumber number, Optional<Quantizer> inputQuantizer) {
    static PreparedSide of(SideLayer layer, LayerNumber number, FlavourChoice flavour) {
        return switch (layer) {
            case SideLayer.Floats floats -> new PreparedSide(new FloatMatmul(floats.weight(), floats.bias(),
                    floats.weight().getSize() / floats.bias().getSize(), flavour.flavour()), number, Optional.empty());
            case SideLayer.Quantized quantized -> new PreparedSide(flavour.prepare(quantized.weight()), number,
                    quantized.inputQuantizer());
        };
    }

    /**
     * Adds {@code y = x weight^T + bias} to a graph that has weight and bias on the device.
     *
     * @param stage name of the task, or how the names of several begin
     * @param x {@code [T, H]}
     * @param y {@code [T, N]}; its shape says how many rows there are, on the device
     */
    void addTo(LayerGraph graph, String stage, Rows x, Rows y) {
        Rows input = inputQuantizer.map(quantizer -> quantizer.addTo(graph, stage + "Input", x, false).values())
                .orElse(x);
        matmul.addTo(graph, stage, input, RowBlocks.ofLayer(graph, stage + "Blocks", number, x.capacity())
                .withRows(matmul.rowsPerBlock(x.capacity())), y);
    }
}
