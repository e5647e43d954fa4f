package org.quantado.kernels.matmul;

import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Linear layers that are alike, as blocks of one weight in the layout of a flavour, and the tasks that make one of them a
 * part of any graph: quantize the input, multiply, add the bias.
 *
 * @param matmul with the weights of all of them
 * @param outputs N of one
 * @param columnOrder {@code [K']}, the column of the input that each column of the weight belongs to, where they differ
 * @param inputQuantizer how inputs are quantized, if they are
 */
public record PreparedLinear(Matmul matmul, int outputs, Optional<IntArray> columnOrder,
        Optional<Quantizer> inputQuantizer) {
    /** Layers whose columns come in the order of the input. */
    public static PreparedLinear of(ExpertWeights weights, FlavourChoice flavour, Optional<Quantizer> inputQuantizer) {
        return new PreparedLinear(flavour.prepare(weights), weights.outputs(), Optional.empty(), inputQuantizer);
    }

    /** One layer. */
    static PreparedLinear of(LinearWeight weight, FlavourChoice flavour, Optional<Quantizer> inputQuantizer) {
        return new PreparedLinear(flavour.prepare(new ExpertMatrix(1, weight)), weight.matrix().outputs(),
                weight.columnOrder(), inputQuantizer);
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
        Rows ordered = columnOrder.map(order -> gather(graph, stage + "Gather", quantized, order)).orElse(quantized);
        matmul.addTo(graph, stage, ordered, blocks.withRows(matmul.rowsPerBlock(x.capacity())), y);
    }

    private static Rows gather(LayerGraph graph, String task, Rows x, IntArray order) {
        Rows gathered = new Rows(new FloatArray(x.capacity() * order.getSize()), x.shape(), x.capacity(),
                order.getSize());
        graph.constants(order);
        graph.task(
                TaskPackage.createPackage(task, PreparedLinear::gatherColumns, x.values(), order, x.shape(),
                        gathered.values(), x.width()),
                order.getSize(), x.capacity());
        return gathered;
    }

    private static void gatherColumns(FloatArray x, IntArray order, IntArray shape, FloatArray gathered,
            int width) {
        for (@Parallel int k = 0; k < order.getSize(); k++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int column = order.get(k);
                float value = 0.0f;
                if (column >= 0) {
                    value = x.get(m * width + column);
                }
                gathered.set(m * order.getSize() + k, value);
            }
        }
    }
}
