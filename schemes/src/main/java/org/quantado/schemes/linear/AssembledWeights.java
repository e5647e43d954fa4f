package org.quantado.schemes.linear;

import java.util.List;

import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.kernels.matmul.UsedArrays;

/**
 * Weights of one scheme and size, such as one matrix of each expert or the same matrix of each layer, read from a checkpoint
 * as often as they are asked for. Not thread-safe.
 */
public final class AssembledWeights implements ExpertWeights {
    private final LinearScheme scheme;
    private final List<LoadedParameters> ofEach;
    private WeightAssembler assembler;

    /** @param ofEach the parameters of each, in order */
    public AssembledWeights(LinearScheme scheme, List<LoadedParameters> ofEach) {
        this.scheme = scheme;
        this.ofEach = List.copyOf(ofEach);
    }

    @Override
    public int experts() {
        return ofEach.size();
    }

    @Override
    public int outputs() {
        return ofEach.getFirst().spec().outputSizePerPartition();
    }

    @Override
    public int inputs() {
        return ofEach.getFirst().spec().inputSizePerPartition();
    }

    @Override
    public boolean holdFloats() {
        return scheme.holdsFloats(ofEach.getFirst());
    }

    /** The assembler stays open from the first to the last, which are read in this order. */
    @Override
    public LinearWeight read(int expert) {
        if (assembler == null) {
            assembler = scheme.weightAssembler();
        }
        boolean isLast = true;
        try {
            LinearWeight weight = assembler.assemble(ofEach.get(expert));
            isLast = expert == ofEach.size() - 1;
            return weight;
        } finally {
            if (isLast) {
                assembler.close();
                assembler = null;
            }
        }
    }

    @Override
    public void giveBack(LinearWeight weight) {
        if (weight.matrix() instanceof QuantizedMatrix inMemory) {
            UsedArrays.giveBack(inMemory);
        }
    }
}
