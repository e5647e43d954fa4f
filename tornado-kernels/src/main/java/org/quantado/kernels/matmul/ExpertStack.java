package org.quantado.kernels.matmul;

import java.lang.foreign.MemorySegment;

import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.memory.LargeArrays;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Puts the weights of experts into one matrix, one expert after another: what is needed beyond the result is one
 * expert's weight. Not thread-safe.
 */
public final class ExpertStack {
    private final int experts;
    private LinearWeight model;
    private IntArray words;
    private FloatArray scales;
    private FloatArray zeros;
    private FloatArray bias;
    private int filled;

    /**
     * All experts in one matrix.
     *
     * @throws IllegalArgumentException as {@link #add} does
     */
    public static ExpertMatrix of(ExpertWeights weights) {
        if (weights instanceof ExpertMatrix matrix) {
            return matrix;
        }
        if (weights.experts() == 1) {
            return new ExpertMatrix(1, weights.read(0));
        }
        ExpertStack stack = new ExpertStack(weights.experts());
        for (int expert = 0; expert < weights.experts(); expert++) {
            LinearWeight weight = weights.read(expert);
            stack.add(weight);
            weights.giveBack(weight);
        }
        return stack.matrix();
    }

    /** @param experts how many there will be, at least 1 */
    public ExpertStack(int experts) {
        this.experts = experts;
    }

    /**
     * Adds the next expert.
     *
     * @throws IllegalArgumentException if its weight is not of the first one's size and format, or all of them together
     *     need more elements than an array holds
     */
    public void add(LinearWeight weight) {
        if (weight.columnOrder().isPresent()) {
            throw new IllegalArgumentException("expert " + filled + " has columns in an order of its own"
                    + " (weight_g_idx), expected the order of the input");
        }
        if (model == null) {
            allocate(weight);
        }
        requireAlike(model, weight, filled);
        weight.matrix().copyTo(next(words), next(scales), next(zeros));
        next(bias).copyFrom(weight.bias().getSegment());
        filled++;
    }

    /** Throws where an expert's weight is not of the first one's size and format. */
    public static void requireAlike(LinearWeight first, LinearWeight weight, int expert) {
        MatrixRows model = first.matrix();
        MatrixRows matrix = weight.matrix();
        requireAlike(matrix.outputs() == model.outputs() && matrix.inputs() == model.inputs()
                && matrix.codeBits() == model.codeBits() && matrix.groupSize() == model.groupSize()
                && matrix.hasZeros() == model.hasZeros()
                && matrix.table().getSegment().mismatch(model.table().getSegment()) == -1, expert);
    }

    /** Throws where an expert's weight is not like the first one's. */
    static void requireAlike(boolean alike, int expert) {
        if (!alike) {
            throw new IllegalArgumentException(
                    "expert " + expert + " has a weight of another size or format than the first");
        }
    }

    private void allocate(LinearWeight first) {
        MatrixRows matrix = first.matrix();
        words = LargeArrays.ints(total(matrix.outputs() * (long) matrix.wordsPerRow()));
        scales = LargeArrays.floats(total(matrix.outputs() * (long) matrix.groups()));
        zeros = LargeArrays.floats(matrix.hasZeros() ? scales.getSize() : 1);
        bias = new FloatArray(total(first.bias().getSize()));
        model = first;
    }

    private int total(long ofOne) {
        return total(experts, ofOne);
    }

    /** The size of an array for all experts. */
    public static int total(int experts, long ofOne) {
        long total = experts * ofOne;
        if (total > DeviceLimits.maxElements()) {
            throw new IllegalArgumentException("the weights of " + experts + " experts need an array of " + total
                    + " elements; one array holds at most " + DeviceLimits.maxElements()
                    + ": use a larger expert- or tensor-parallel size");
        }
        return (int) total;
    }

    /** Where the next expert's part of an array is; all of one that they share. */
    private MemorySegment next(TornadoNativeArray all) {
        if (all.getSize() == 1) {
            return all.getSegment();
        }
        long bytes = all.getSegment().byteSize() / experts;
        return all.getSegment().asSlice(filled * bytes, bytes);
    }

    /**
     * All experts.
     *
     * @throws IllegalStateException if some are missing
     */
    public ExpertMatrix matrix() {
        if (filled != experts) {
            throw new IllegalStateException(filled + " of " + experts + " experts were added");
        }
        MatrixRows first = model.matrix();
        QuantizedMatrix stacked = new QuantizedMatrix(total(first.outputs()), first.inputs(), first.codeBits(), words,
                first.table(), first.groupSize(), scales, zeros);
        return new ExpertMatrix(experts, new LinearWeight(stacked, bias));
    }
}
