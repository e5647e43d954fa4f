package org.quantado.models.evaluate;

/**
 * How likely a text is to a model.
 *
 * @param predicted ids that were predicted
 * @param meanNll mean negative logarithm of their probabilities, in nats
 */
public record Likelihood(int predicted, double meanNll) {
    /** {@code exp(meanNll)}: as if the model had to choose among so many ids each time. */
    public double perplexity() {
        return Math.exp(meanNll);
    }
}
