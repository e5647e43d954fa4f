package org.quantado.schemes.linear;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.LinearPlan;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.quantize.StaticQuantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A linear layer that is ready to run. One thread at a time: a call waits for the one before it.
 */
public final class QuantizedLinear implements AutoCloseable {
    private final LinearSpec spec;
    private final LinearPlan plan;
    private final AssembledWeights weights;
    private final Optional<Quantizer> outputQuantizer;
    private boolean closed;

    /**
     * @param scheme how the parameters are a weight
     * @param input how activations are quantized, if they are
     * @param output how the output is quantized, if it is
     */
    QuantizedLinear(LinearScheme scheme, LoadedParameters parameters, Optional<Quantizer> input,
            Optional<Quantizer> output) {
        this.spec = parameters.spec();
        this.weights = new AssembledWeights(scheme, List.of(parameters));
        this.plan = plan(spec, weights, input, output);
        this.outputQuantizer = output;
    }

    private static LinearPlan plan(LinearSpec spec, AssembledWeights weight, Optional<Quantizer> input,
            Optional<Quantizer> output) {
        FlavourChoice flavour = FlavourChoice.forDevice();
        try {
            return new LinearPlan(weight, flavour, input, output);
        } catch (IllegalArgumentException e) {
            throw new SchemeException("layer '" + spec.layerName() + "': " + e.getMessage());
        }
    }

    /** The layer that this is. */
    public LinearSpec spec() {
        return spec;
    }

    /** The scale of the output's codes, where the output is quantized with a calibrated one. */
    public Optional<Float> outputScale() {
        return outputQuantizer.filter(StaticQuantizer.class::isInstance).map(StaticQuantizer.class::cast)
                .map(StaticQuantizer::scale);
    }

    /**
     * The weight and bias that this multiplies with and adds. It has only the kernels' layout of them, so they are read
     * from the checkpoint once more, into arrays that nobody else has; it must still be open.
     */
    public synchronized LinearWeight weight() {
        return weights.read(0).loaded();
    }

    /** Bytes of the weight and bias in the layout of the kernels. */
    public long weightBytes() {
        return plan.weightBytes();
    }

    /**
     * Computes {@code y = x w^T + bias}, with the bias of the checkpoint, if it has one.
     *
     * @param x {@code [M, K]}, K of this process's part of the layer
     * @return {@code [M, N]}, N of this process's part of the layer
     * @throws IllegalArgumentException if x is no whole number of rows
     * @throws IllegalStateException if the layer was closed
     */
    public synchronized FloatArray apply(FloatArray x) {
        int inputs = spec.inputSizePerPartition();
        if (x.getSize() % inputs != 0) {
            throw new IllegalArgumentException(
                    "x has " + x.getSize() + " elements, expected rows of " + inputs
                            + " for layer '" + spec.layerName() + "'");
        }
        if (closed) {
            throw new IllegalStateException("layer '" + spec.layerName() + "' was closed");
        }
        int rows = x.getSize() / inputs;
        FloatArray y = new FloatArray(Math.multiplyExact(rows, spec.outputSizePerPartition()));
        plan.apply(x, rows, y);
        return y;
    }

    /** Frees the device's memory. */
    @Override
    public synchronized void close() {
        closed = true;
        plan.close();
    }
}
