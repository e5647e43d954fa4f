package org.quantado.kernels.experts;

import java.util.List;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.Matmul;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A layer beside experts, with its weights in the layout of a flavour. */
interface PreparedSide {
    static PreparedSide of(SideLayer layer, FlavourChoice flavour) {
        return switch (layer) {
            case SideLayer.Floats floats -> new FloatSide(floats, flavour.flavour());
            case SideLayer.Quantized quantized -> new QuantizedSide(flavour.prepare(quantized.weight()),
                    quantized.inputQuantizer());
        };
    }

    List<Matmul> matmuls();

    List<FloatArray> floats();

    /**
     * Adds {@code y = x weight^T + bias} to a graph that has weight and bias on the device.
     *
     * @param stage name of the task, or how the names of several begin
     * @param x {@code [T, H]}
     * @param y {@code [T, N]}; its shape says how many rows there are, on the device
     */
    void addTo(LayerGraph graph, String stage, Rows x, Rows y);
}
