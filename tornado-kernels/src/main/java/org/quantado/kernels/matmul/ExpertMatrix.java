package org.quantado.kernels.matmul;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The weights {@code [N, K]} of E experts in memory, one below the other.
 *
 * @param experts E, at least 1
 * @param stacked {@code [E * N, K]}, and the biases {@code [E * N]}
 */
public record ExpertMatrix(int experts, LinearWeight stacked) implements ExpertWeights {
    public ExpertMatrix {
        stacked = stacked.loaded();
        if (experts < 1 || stacked.matrix().outputs() % experts != 0) {
            throw new IllegalArgumentException(
                    "a weight of " + stacked.matrix().outputs() + " rows is not that of " + experts + " experts");
        }
    }

    /** {@code [E * N, K]}. */
    public QuantizedMatrix matrix() {
        return stacked.matrix().load();
    }

    @Override
    public int outputs() {
        return stacked.matrix().outputs() / experts;
    }

    @Override
    public int inputs() {
        return stacked.inputs();
    }

    @Override
    public boolean holdFloats() {
        return stacked.matrix().holdsFloats();
    }

    @Override
    public LinearWeight read(int expert) {
        if (experts == 1) {
            return stacked;
        }
        QuantizedMatrix matrix = matrix();
        int words = matrix.words().getSize() / experts;
        int scales = matrix.scales().getSize() / experts;
        FloatArray zeros = matrix.hasZeros() ? matrix.zeros().slice(expert * scales, scales) : matrix.zeros();
        QuantizedMatrix part = new QuantizedMatrix(outputs(), matrix.inputs(), matrix.codeBits(),
                matrix.words().slice(expert * words, words), matrix.table(), matrix.groupSize(),
                matrix.scales().slice(expert * scales, scales), zeros);
        return new LinearWeight(part, stacked.bias().slice(expert * outputs(), outputs()), stacked.inputs(),
                stacked.columnOrder());
    }
}
