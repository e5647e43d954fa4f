package org.quantado.models.evaluate;

/**
 * Adds up how likely windows were. Each is added up on its own first, so that the sum is the same wherever they are read.
 */
final class LikelihoodSum {
    private int predicted;
    private double nll;

    /**
     * A window, and those after it.
     *
     * @param count ids of it that were predicted
     * @param nllThere the sum of the negative logarithms of their probabilities
     */
    void add(int count, double nllThere) {
        predicted += count;
        nll += nllThere;
    }

    void add(LogProbabilities probabilities, int id) {
        add(1, -probabilities.of(id));
    }

    double nll() {
        return nll;
    }

    Likelihood likelihood() {
        return new Likelihood(predicted, nll / predicted);
    }
}
