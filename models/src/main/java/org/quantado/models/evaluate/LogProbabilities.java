package org.quantado.models.evaluate;

import org.quantado.models.generate.GenerationException;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The probabilities that logits of one position stand for, {@code p = exp(logit) / sum exp(logit)}, in float64. */
final class LogProbabilities {
    private final FloatArray logits;
    private final long offset;
    private final int size;
    private final int top;
    private final double logSum;

    /**
     * @param logits {@code [rows, V]}
     * @param row which of them
     * @param size V
     * @throws GenerationException if one of them is no number
     */
    LogProbabilities(FloatArray logits, int row, int size) {
        this.logits = logits;
        this.offset = (long) row * size;
        this.size = size;
        int largest = 0;
        for (int id = 0; id < size; id++) {
            if (Float.isNaN(logit(id))) {
                throw new GenerationException("logit of id " + id, "NaN", "a number");
            }
            if (logit(id) > logit(largest)) {
                largest = id;
            }
        }
        this.top = largest;
        double sum = 0;
        for (int id = 0; id < size; id++) {
            sum += Math.exp((double) logit(id) - logit(largest));
        }
        this.logSum = logit(largest) + Math.log(sum);
    }

    private float logit(int id) {
        return logits.get(Math.toIntExact(offset + id));
    }

    /** The natural logarithm of the probability of an id. */
    double of(int id) {
        return logit(id) - logSum;
    }

    /** The most likely id; of several the first. */
    int top() {
        return top;
    }

    /** Kullback-Leibler divergence of another distribution from this, {@code sum p log(p / q)}, in nats. */
    double divergence(LogProbabilities other) {
        double sum = 0;
        for (int id = 0; id < size; id++) {
            double p = Math.exp(of(id));
            if (p > 0) {
                sum += p * (of(id) - other.of(id));
            }
        }
        return Math.max(0, sum);
    }
}
