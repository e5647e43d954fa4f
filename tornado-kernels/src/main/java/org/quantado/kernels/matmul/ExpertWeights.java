package org.quantado.kernels.matmul;

/**
 * The weights {@code [N, K]} of E experts, which are read one after another while they are brought into the layout of some
 * kernels, so that no more than one of them need be held besides the result.
 */
public interface ExpertWeights {
    /** E, at least 1. */
    int experts();

    /** N of one expert. */
    int outputs();

    /** K. */
    int inputs();

    /** Whether the weights are floats as they are. */
    default boolean holdFloats() {
        return false;
    }

    /** The weight of an expert, {@code [N, K]}. What reads it may keep its arrays, unless it gives them back. */
    LinearWeight read(int expert);

    /** A single weight. */
    static ExpertWeights of(LinearWeight weight) {
        return new OneWeight(weight);
    }

    /** Takes a weight that {@link #read} gave and nobody uses any more. */
    default void giveBack(LinearWeight weight) {
    }
}
