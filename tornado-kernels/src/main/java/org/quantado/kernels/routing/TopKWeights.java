package org.quantado.kernels.routing;

/** How the weights of a token's experts come from what it chose them by. */
public sealed interface TopKWeights {
    /** The scores of the chosen as they are. */
    TopKWeights SCORES = new Scores();

    /** The scores of the chosen, divided by their sum; by 1 if that is 0. */
    TopKWeights NORMALIZED = new Normalized(0.0f, 0.0f);

    /** See {@link #SCORES}. */
    record Scores() implements TopKWeights {
    }

    /**
     * The scores of the chosen, divided by {@code max(sum + added, least)}; by 1 if that is 0.
     *
     * @param added what keeps the divisor from 0, in families that add it
     * @param least the least divisor, in families that have one
     */
    record Normalized(float added, float least) implements TopKWeights {
    }

    /**
     * Of the logits, each choice's share among those that are near: {@code 1 / sum exp(l[e] - l[choice])} over the experts
     * that were not chosen before and for which {@code l[choice] - l[e] <= within * max(|l[e]|, l[choice])}.
     *
     * <p>Source: transformers, modeling_phimoe.py, {@code sparsemixer} outside of training; {@code within} is twice the
     * {@code jitter_eps}.
     *
     * @param within how far an expert may be from the choice, as a fraction
     */
    record SparseMixer(float within) implements TopKWeights {
    }

    /** Normalized or not. */
    static TopKWeights of(boolean renormalize) {
        return renormalize ? NORMALIZED : SCORES;
    }
}
