package org.quantado.models.generate;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Chooses ids as a {@link Sampling} says. The same seed and logits give the same ids. An id of logit -infinity is never chosen. */
public final class Sampler {
    private static final long ID_MASK = 0xffff_ffffL;

    private final Sampling sampling;
    private final int vocabulary;
    private final SplittableRandom random;
    private final BitSet seen = new BitSet();
    /** Of candidates: the falling order of their logits above, the id below, so that sorting orders by both. */
    private final long[] candidates;
    private final double[] probabilities;

    /**
     * @param vocabulary V, how many logits there are
     * @param seed of the draws, whatever the sampling says
     */
    public Sampler(Sampling sampling, int vocabulary, long seed) {
        this.sampling = sampling;
        this.vocabulary = vocabulary;
        this.candidates = new long[sampling.isGreedy() ? 0 : vocabulary];
        this.probabilities = new double[candidates.length];
        this.random = new SplittableRandom(seed);
    }

    /** Tells it of ids that are there. */
    public void see(int... ids) {
        for (int id : ids) {
            seen.set(id);
        }
    }

    /**
     * Chooses an id.
     *
     * @param logits {@code [V]} or more; those of ids that were there are changed if there is a penalty
     * @throws GenerationException if a logit is no number
     */
    public int next(FloatArray logits) {
        if (sampling.isPenalizing()) {
            penalize(logits);
        }
        return sampling.isGreedy() ? argmax(logits, vocabulary) : draw(logits);
    }

    /**
     * The most likely id; of several the first.
     *
     * @param logits {@code [V]} or more
     * @throws GenerationException if a logit is no number
     */
    static int argmax(FloatArray logits, int vocabulary) {
        int best = 0;
        for (int id = 0; id < vocabulary; id++) {
            if (Float.isNaN(logits.get(id))) {
                throw notANumber(id);
            }
            if (logits.get(id) > logits.get(best)) {
                best = id;
            }
        }
        return best;
    }

    private static GenerationException notANumber(int id) {
        return new GenerationException("logit of id " + id, "NaN", "a number");
    }

    private void penalize(FloatArray logits) {
        float penalty = (float) sampling.repetitionPenalty();
        seen.stream().filter(id -> id < vocabulary).forEach(id -> {
            float logit = logits.get(id);
            logits.set(id, logit > 0 ? logit / penalty : logit * penalty);
        });
    }

    private int draw(FloatArray logits) {
        sort(logits);
        int left = vocabulary;
        if (sampling.topK() > 0) {
            left = Math.min(left, sampling.topK());
        }
        double sum = probabilities(logits, left);
        left = leastWith(sampling.topP() * sum, left);
        while (left > 1 && probabilities[left - 1] < sampling.minP() * probabilities[0]) {
            left--;
        }
        while (left > 1 && probabilities[left - 1] == 0) {
            left--;
        }
        double point = random.nextDouble() * Arrays.stream(probabilities, 0, left).sum();
        for (int i = 0; i < left - 1; i++) {
            point -= probabilities[i];
            if (point < 0) {
                return id(candidates[i]);
            }
        }
        return id(candidates[left - 1]);
    }

    /** Orders all ids, the most likely first. */
    private void sort(FloatArray logits) {
        for (int id = 0; id < vocabulary; id++) {
            float logit = logits.get(id);
            if (Float.isNaN(logit)) {
                throw notANumber(id);
            }
            candidates[id] = (long) ~order(logit) << Integer.SIZE | id;
        }
        Arrays.sort(candidates);
    }

    /** An integer that grows with a float. */
    private static int order(float value) {
        int bits = Float.floatToIntBits(value + 0.0f);
        return bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
    }

    private static int id(long candidate) {
        return (int) (candidate & ID_MASK);
    }

    /** Computes probabilities of the first candidates, up to one factor, and gives their sum. */
    private double probabilities(FloatArray logits, int count) {
        double largest = logits.get(id(candidates[0]));
        double sum = 0;
        for (int i = 0; i < count; i++) {
            probabilities[i] = Math.exp((logits.get(id(candidates[i])) - largest) / sampling.temperature());
            sum += probabilities[i];
        }
        return sum;
    }

    /** How many of the most likely candidates it takes to have this probability together. */
    private int leastWith(double probability, int count) {
        if (sampling.topP() == 1) {
            return count;
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += probabilities[i];
            if (sum >= probability) {
                return i + 1;
            }
        }
        return count;
    }
}
