package org.quantado.kernels.matmul;

/**
 * The weights {@code [N, K]} of E experts, one below the other.
 *
 * @param experts E, at least 1
 * @param stacked {@code [E * N, K]}, and the biases {@code [E * N]}
 */
public record ExpertMatrix(int experts, LinearWeight stacked) {
    public ExpertMatrix {
        if (experts < 1 || stacked.matrix().outputs() % experts != 0) {
            throw new IllegalArgumentException(
                    "a weight of " + stacked.matrix().outputs() + " rows is not that of " + experts + " experts");
        }
    }

    /** N of one expert. */
    public int outputs() {
        return stacked.matrix().outputs() / experts;
    }

    /** K. */
    public int inputs() {
        return stacked.inputs();
    }
}
