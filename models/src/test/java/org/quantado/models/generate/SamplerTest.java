package org.quantado.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

class SamplerTest {
    private static final int DRAWS = 40_000;
    /** Logarithms of 8, 1, 4, 2, 1: probabilities of 1/2, 1/16, 1/4, 1/8, 1/16. */
    private static final float[] LOGITS = {log(8), log(1), log(4), log(2), log(1)};
    private static final Sampling ALL = Sampling.GREEDY.withTemperature(1);

    private static float log(double x) {
        return (float) Math.log(x);
    }

    private static FloatArray logits() {
        return FloatArray.fromArray(LOGITS);
    }

    private static double[] shares(Sampling sampling) {
        Sampler sampler = new Sampler(sampling, LOGITS.length, 7);
        double[] shares = new double[LOGITS.length];
        for (int i = 0; i < DRAWS; i++) {
            shares[sampler.next(logits())] += 1.0 / DRAWS;
        }
        return shares;
    }

    @Test
    void idsComeAsOftenAsTheyAreLikely() {
        assertThat(shares(ALL)).containsExactly(new double[]{0.5, 0.0625, 0.25, 0.125, 0.0625}, within(0.01));
        double sum = Math.sqrt(8) + Math.sqrt(4) + Math.sqrt(2) + 2;
        assertThat(shares(ALL.withTemperature(2))).containsExactly(
                new double[]{Math.sqrt(8) / sum, 1 / sum, 2 / sum, Math.sqrt(2) / sum, 1 / sum}, within(0.01));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0, '0'", "2, 1, 0, '0 2'", "4, 1, 0, '0 1 2 3'", "0, 1, 0, '0 1 2 3 4'", "9, 1, 0, '0 1 2 3 4'",
            "0, 0.4, 0, '0'", "0, 0.6, 0, '0 2'", "0, 0.9, 0, '0 1 2 3'", "0, 0.01, 0, '0'", "2, 0.7, 0, '0 2'",
            "2, 0.6, 0, '0'", "0, 1, 0.3, '0 2'", "0, 1, 0.2, '0 2 3'", "0, 1, 1, '0'", "3, 0.99, 0.3, '0 2'"})
    void unlikelyIdsAreLeftOut(int topK, double topP, double minP, String left) {
        double[] shares = shares(ALL.withTopK(topK).withTopP(topP).withMinP(minP));
        assertThat(IntStream.range(0, shares.length).filter(id -> shares[id] > 0).boxed())
                .containsExactlyElementsOf(Arrays.stream(left.split(" ")).map(Integer::valueOf).toList());
    }

    @Test
    void theSeedDecides() {
        Sampler one = new Sampler(ALL, LOGITS.length, 1);
        Sampler same = new Sampler(ALL, LOGITS.length, 1);
        Sampler other = new Sampler(ALL, LOGITS.length, 2);
        int[] draws = IntStream.generate(() -> one.next(logits())).limit(100).toArray();
        assertThat(IntStream.generate(() -> same.next(logits())).limit(100).toArray()).isEqualTo(draws);
        assertThat(IntStream.generate(() -> other.next(logits())).limit(100).toArray()).isNotEqualTo(draws);
    }

    @Test
    void idsThatWereThereGetLessLikely() {
        Sampler sampler = new Sampler(Sampling.GREEDY.withRepetitionPenalty(2), 4, 0);
        sampler.see(0, 3);
        assertThat(sampler.next(FloatArray.fromElements(3, 1, 2, -1))).isEqualTo(2);
        assertThat(sampler.next(FloatArray.fromElements(-3, -7, -8, -3))).isEqualTo(0);
        assertThat(sampler.next(FloatArray.fromElements(-3, -5.5f, -8, -3))).isEqualTo(1);
    }

    @Test
    void theFirstOfTheMostLikelyIsTakenInAnyCase() {
        FloatArray equal = FloatArray.fromElements(-1, 0.0f, -0.0f, 0.0f);
        assertThat(Sampler.argmax(equal, 4)).isEqualTo(1);
        assertThat(new Sampler(ALL.withTopK(1), 4, 3).next(equal)).isEqualTo(1);
        assertThat(new Sampler(ALL.withTemperature(1e-6), LOGITS.length, 3).next(logits())).isZero();
    }

    @Test
    void infinitiesAreLogits() {
        FloatArray logits = FloatArray.fromElements(Float.NEGATIVE_INFINITY, -2, Float.NEGATIVE_INFINITY);
        assertThat(new Sampler(ALL, 3, 3).next(logits)).isEqualTo(1);
    }

    @Test
    void notANumberIsRefused() {
        FloatArray logits = FloatArray.fromElements(1, Float.NaN);
        assertThatThrownBy(() -> Sampler.argmax(logits, 2)).isInstanceOf(GenerationException.class)
                .hasMessageContaining("id 1");
        assertThatThrownBy(() -> new Sampler(ALL, 2, 1).next(logits)).isInstanceOf(GenerationException.class);
    }

    @Test
    void valuesHaveRanges() {
        assertThatThrownBy(() -> ALL.withTemperature(-1)).hasMessage("temperature: found -1.0, expected 0 or more");
        assertThatThrownBy(() -> ALL.withTemperature(Double.NaN)).isInstanceOf(GenerationException.class);
        assertThatThrownBy(() -> ALL.withTopK(-1)).isInstanceOf(GenerationException.class);
        assertThatThrownBy(() -> ALL.withTopP(0)).isInstanceOf(GenerationException.class);
        assertThatThrownBy(() -> ALL.withTopP(1.1)).isInstanceOf(GenerationException.class);
        assertThatThrownBy(() -> ALL.withMinP(2)).isInstanceOf(GenerationException.class);
        assertThatThrownBy(() -> ALL.withRepetitionPenalty(0)).isInstanceOf(GenerationException.class);
    }
}
