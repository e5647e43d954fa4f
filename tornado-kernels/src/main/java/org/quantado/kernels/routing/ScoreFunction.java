package org.quantado.kernels.routing;

/** From a token's logits to its experts' scores, in float. A score that is NaN or infinite becomes 0. */
public enum ScoreFunction {
    /** {@code exp(l[e] - max) / sum}: over all experts. */
    SOFTMAX,
    /** {@code 1 / (1 + exp(-l[e]))}: each expert by itself. */
    SIGMOID
}
