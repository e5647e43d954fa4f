package org.quantado.kernels.matmul;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Profiled;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A quantized linear layer on the device: quantize the activations, multiply, add the bias, quantize the output, as
 * one graph per batch size. Not thread-safe.
 */
public final class LinearPlan implements Profiled, AutoCloseable {
    private final int inputs;
    private final int outputs;
    private final Optional<IntArray> columnOrder;
    private final Matmul matmul;
    private final Optional<Quantizer> inputQuantizer;
    private final Optional<Quantizer> outputQuantizer;
    private final BatchPlan plan;
    private final BatchPlan.WayIn<Buffers> batches;

    private record Buffers(Rows x, Rows y) {
    }

    /**
     * @param inputQuantizer how activations are quantized, if they are
     * @param outputQuantizer how the output is quantized, if it is
     */
    public LinearPlan(LinearWeight weight, Optional<Quantizer> inputQuantizer,
            Optional<Quantizer> outputQuantizer) {
        this(weight, FlavourChoice.forDevice(), inputQuantizer, outputQuantizer);
    }

    /**
     * A plan with kernels of one flavour, for weights that it has kernels for.
     *
     * @param inputQuantizer how activations are quantized, if they are
     * @param outputQuantizer how the output is quantized, if it is
     */
    public LinearPlan(LinearWeight weight, FlavourChoice flavour, Optional<Quantizer> inputQuantizer,
            Optional<Quantizer> outputQuantizer) {
        this.inputs = weight.inputs();
        this.outputs = weight.matrix().outputs();
        this.columnOrder = weight.columnOrder();
        this.matmul = flavour.prepare(new ExpertMatrix(1, weight));
        this.inputQuantizer = inputQuantizer;
        this.outputQuantizer = outputQuantizer;
        this.plan = new BatchPlan(new ResidentWeights(List.of(matmul), List.of()));
        this.batches = plan.wayIn("rows", this::addBatch);
    }

    /**
     * Computes {@code y = x w^T + bias}.
     *
     * @param x {@code [rows, K]}
     * @param y {@code [rows, N]}, written
     */
    public void apply(FloatArray x, int rows, FloatArray y) {
        for (int from = 0; from < rows; from += BatchPlan.MAX_ROWS) {
            int count = Math.min(BatchPlan.MAX_ROWS, rows - from);
            Buffers buffers = batches.buffersFor(count);
            buffers.x.setCount(count);
            buffers.y.setCount(count);
            buffers.x.copyFrom(x, from, count);
            batches.execute(count);
            buffers.y.copyTo(y, from, count);
        }
    }

    /** Whether the kernels read the arrays of a weight as they are, and not a copy in a layout of their own. */
    public boolean reads(QuantizedMatrix matrix) {
        return Arrays.stream(matmul.arrays()).anyMatch(array -> array == matrix.words());
    }

    /** Bytes of the weight and bias in the layout of the kernels. */
    public long weightBytes() {
        return plan.weightBytes();
    }

    @Override
    public void profile(boolean on) {
        plan.profile(on);
    }

    @Override
    public GraphTimes takeTimes() {
        return plan.takeTimes();
    }

    @Override
    public void close() {
        plan.close();
    }

    private Buffers addBatch(LayerGraph graph, int capacity) {
        Rows x = Rows.allocate(capacity, inputs);
        Rows product = Rows.allocate(capacity, outputs);
        graph.inputs(x.values()).counts(capacity, x.shape(), product.shape());
        Rows quantized = inputQuantizer.map(quantizer -> quantizer.addTo(graph, "input", x, false).values())
                .orElse(x);
        Rows activations = columnOrder.map(order -> gather(graph, quantized, order))
                .orElse(quantized);
        RowBlocks blocks = RowBlocks.ofOneWeight(graph, matmul.rowsPerBlock(capacity), capacity);
        matmul.addTo(graph, "multiply", activations, blocks, product);
        Rows y = outputQuantizer.map(quantizer -> quantizer.addTo(graph, "output", product, false).values())
                .orElse(product);
        graph.outputs(y.values());
        return new Buffers(x, y);
    }

    private Rows gather(LayerGraph graph, Rows x, IntArray order) {
        Rows gathered = new Rows(new FloatArray(x.capacity() * order.getSize()), x.shape(), x.capacity(),
                order.getSize());
        graph.constants(order);
        graph.task(
                TaskPackage.createPackage("gather", LinearPlan::gatherColumns, x.values(), order, x.shape(),
                        gathered.values(), x.width()),
                order.getSize(), x.capacity());
        return gathered;
    }

    private static void gatherColumns(FloatArray x, IntArray order, IntArray shape, FloatArray gathered,
            int inputs) {
        for (@Parallel int k = 0; k < order.getSize(); k++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int column = order.get(k);
                float value = 0.0f;
                if (column >= 0) {
                    value = x.get(m * inputs + column);
                }
                gathered.set(m * order.getSize() + k, value);
            }
        }
    }
}
