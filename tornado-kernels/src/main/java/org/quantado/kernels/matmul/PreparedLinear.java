package org.quantado.kernels.matmul;

import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.quantize.Quantizer;

/**
 * Linear layers that are alike, as blocks of one weight in the layout of a flavour, and the tasks that make one of them a
 * part of any graph: quantize the input, multiply, add the bias.
 *
 * @param matmul with the weights of all of them
 * @param outputs N of one
 * @param inputQuantizer how inputs are quantized, if they are
 */
public record PreparedLinear(Matmul matmul, int outputs, Optional<Quantizer> inputQuantizer) {
    /** Layers, one below the other. */
    public static PreparedLinear of(ExpertWeights weights, FlavourChoice flavour, Optional<Quantizer> inputQuantizer) {
        return new PreparedLinear(flavour.prepare(weights), weights.outputs(), inputQuantizer);
    }

    /**
     * Adds the tasks to a graph that has the weights on the device.
     *
     * @param stage how the names of the tasks begin
     * @param x {@code [M, K]}, on the device
     * @param blocks single rows, and the layer that each belongs to, which is the same for all
     * @param y {@code [M, N]}; its shape says how many rows there are, on the device
     */
    public void addTo(LayerGraph graph, String stage, Rows x, RowBlocks blocks, Rows y) {
        Rows quantized = inputQuantizer.map(some -> some.addTo(graph, stage + "Input", x, false).values()).orElse(x);
        matmul.addTo(graph, stage, quantized, blocks.withRows(matmul.rowsPerBlock(x.capacity())), y);
    }
}
