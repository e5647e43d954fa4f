package org.quantado.schemes.linear;

import org.quantado.schemes.checkpoint.Tensor;

/**
 * How a dimension of a parameter follows from the layer's size, and so how a shard of it is cut.
 *
 * @param of the dimension of the weight that it runs along; {@code NONE} for a fixed size
 * @param numerator elements of the parameter for every {@code denominator} of the weight's dimension, rounded up
 * @param denominator see {@code numerator}; the fixed size for {@code NONE}
 * @param repeated whether every rank has all of it, although it runs along a dimension that is cut
 */
record Axis(TensorParallel.Cut of, int numerator, int denominator, boolean repeated) {
    /** A dimension of fixed size, which every rank has whole. */
    static Axis fixed(int size) {
        return new Axis(TensorParallel.Cut.NONE, 1, size, true);
    }

    /** One element for each output. */
    static Axis outputs() {
        return outputs(1, 1);
    }

    static Axis outputs(int numerator, int denominator) {
        return new Axis(TensorParallel.Cut.OUTPUTS, numerator, denominator, false);
    }

    /** One element for each input. */
    static Axis inputs() {
        return inputs(1, 1);
    }

    static Axis inputs(int numerator, int denominator) {
        return new Axis(TensorParallel.Cut.INPUTS, numerator, denominator, false);
    }

    /** The same dimension, of which every rank has all. */
    Axis onAllRanks() {
        return new Axis(of, numerator, denominator, true);
    }

    /** Size of the dimension for a whole module. */
    int size(int outputSize, int inputSize) {
        return switch (of) {
            case NONE -> denominator;
            case OUTPUTS -> scaled(outputSize);
            case INPUTS -> scaled(inputSize);
        };
    }

    /**
     * The elements that belong to these outputs and inputs of a tensor.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if the range begins or ends inside an element
     */
    Span span(Tensor tensor, Span outputs, Span inputs, int wholeOutputs, int wholeInputs) {
        if (repeated) {
            return Span.of(size(wholeOutputs, wholeInputs));
        }
        return switch (of) {
            case NONE -> Span.of(denominator);
            case OUTPUTS -> cut(tensor, outputs, wholeOutputs);
            case INPUTS -> cut(tensor, inputs, wholeInputs);
        };
    }

    private Span cut(Tensor tensor, Span span, int whole) {
        boolean beginsInside = span.from() * (long) numerator % denominator != 0;
        boolean endsInside = span.to() < whole && span.to() * (long) numerator % denominator != 0;
        if (beginsInside || endsInside) {
            throw tensor.error(
                    "a tensor-parallel shard of "
                            + (of == TensorParallel.Cut.OUTPUTS ? "outputs " : "inputs ")
                            + span.from() + " to " + span.to(),
                    "a shard of whole elements of " + denominator + "/" + numerator
                            + " each; reduce tensor_parallel_size");
        }
        return new Span(scaled(span.from()), scaled(span.to()));
    }

    private int scaled(int size) {
        return Math.toIntExact(Math.ceilDiv(size * (long) numerator, denominator));
    }
}
