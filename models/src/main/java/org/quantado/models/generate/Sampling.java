package org.quantado.models.generate;

import java.util.OptionalLong;

/**
 * How the next id is chosen from logits. In this order: ids that were there get less likely, logits are divided by the
 * temperature, and ids are left out that are not among the most likely; of the rest one is drawn.
 *
 * @param temperature 0 for always the most likely id
 * @param topK how many of the most likely ids are left; 0 for all
 * @param topP the most likely ids are left that have this probability together; 1 for all
 * @param minP ids are left that have this part of the largest probability; 0 for all
 * @param repetitionPenalty positive logits of ids that were there are divided by it, others multiplied; 1 for none
 * @param seed of the draws; empty for one by chance
 */
public record Sampling(double temperature, int topK, double topP, double minP, double repetitionPenalty,
        OptionalLong seed) {
    /** Always the most likely id. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, OptionalLong.empty());

    /** @throws GenerationException if a value is out of its range */
    public Sampling {
        require(temperature >= 0 && temperature < Double.POSITIVE_INFINITY, "temperature", temperature, "0 or more");
        require(topK >= 0, "top-k", topK, "0 or more");
        require(topP > 0 && topP <= 1, "top-p", topP, "more than 0, and at most 1");
        require(minP >= 0 && minP <= 1, "min-p", minP, "0 to 1");
        require(repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY, "repetition penalty",
                repetitionPenalty, "more than 0");
    }

    private static void require(boolean holds, String what, Number found, String expected) {
        if (!holds) {
            throw new GenerationException(what, found.toString(), expected);
        }
    }

    /** Whether the most likely id is always taken. */
    public boolean isGreedy() {
        return temperature == 0;
    }

    /** Whether the most likely id is all that has to be known. */
    public boolean isPlainGreedy() {
        return isGreedy() && !isPenalizing();
    }

    /** Whether it matters which ids were there. */
    boolean isPenalizing() {
        return repetitionPenalty != 1;
    }

    /** The same with another temperature. */
    public Sampling withTemperature(double other) {
        return new Sampling(other, topK, topP, minP, repetitionPenalty, seed);
    }

    /** The same with another number of most likely ids. */
    public Sampling withTopK(int other) {
        return new Sampling(temperature, other, topP, minP, repetitionPenalty, seed);
    }

    /** The same with another probability of the most likely ids together. */
    public Sampling withTopP(double other) {
        return new Sampling(temperature, topK, other, minP, repetitionPenalty, seed);
    }

    /** The same with another part of the largest probability. */
    public Sampling withMinP(double other) {
        return new Sampling(temperature, topK, topP, other, repetitionPenalty, seed);
    }

    /** The same with another penalty. */
    public Sampling withRepetitionPenalty(double other) {
        return new Sampling(temperature, topK, topP, minP, other, seed);
    }

    /** The same with a seed. */
    public Sampling withSeed(long other) {
        return new Sampling(temperature, topK, topP, minP, repetitionPenalty, OptionalLong.of(other));
    }
}
