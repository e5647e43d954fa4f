package org.quantado.kernels.matmul;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Profiled;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A quantized linear layer on the device: quantize the activations, multiply, add the bias, quantize the output, as
 * one graph per batch size. Not thread-safe.
 */
public final class LinearPlan implements Profiled, AutoCloseable {
    private final int inputs;
    private final PreparedLinear linear;
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
        this(ExpertWeights.of(weight), flavour, inputQuantizer, outputQuantizer);
    }

    /**
     * A plan for a weight that is read where it is.
     *
     * @param weight a single one
     * @param inputQuantizer how activations are quantized, if they are
     * @param outputQuantizer how the output is quantized, if it is
     */
    public LinearPlan(ExpertWeights weight, FlavourChoice flavour, Optional<Quantizer> inputQuantizer,
            Optional<Quantizer> outputQuantizer) {
        this.inputs = weight.inputs();
        this.linear = PreparedLinear.of(weight, flavour, inputQuantizer);
        this.outputQuantizer = outputQuantizer;
        this.plan = new BatchPlan(new ResidentWeights(List.of(linear.matmul()), List.of()));
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
        Rows product = Rows.allocate(capacity, linear.outputs());
        graph.inputs(x.values()).counts(capacity, x.shape(), product.shape());
        linear.addTo(graph, "multiply", x, RowBlocks.ofOneWeight(graph, 1, capacity), product);
        Rows y = outputQuantizer.map(quantizer -> quantizer.addTo(graph, "output", product, false).values())
                .orElse(product);
        graph.outputs(y.values());
        return new Buffers(x, y);
    }
}
