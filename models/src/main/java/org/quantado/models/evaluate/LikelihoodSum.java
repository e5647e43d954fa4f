package org.quantado.models.evaluate;

/** Adds up how likely ids were. */
final class LikelihoodSum {
    private int predicted;
    private double nll;

    void add(LogProbabilities probabilities, int id) {
        predicted++;
        nll -= probabilities.of(id);
    }

    Likelihood likelihood() {
        return new Likelihood(predicted, nll / predicted);
    }
}
