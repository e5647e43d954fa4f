package org.quantado.models.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.quantado.models.generate.GenerationException;
import org.quantado.models.generate.ScriptedSequence;

class EvaluationTest {
    private static final int VOCABULARY = 3;
    /** Probabilities of a script's id, the next and the one after: 1, 1/e, 1/e^2 over their sum. */
    private static final double SUM = 1 + Math.exp(-1) + Math.exp(-2);
    private static final double TOLERANCE = 1e-6;

    /** Expects id 1 always. */
    private static ScriptedSequence model(int capacity) {
        return new ScriptedSequence(VOCABULARY, capacity, length -> 1);
    }

    @Test
    void meanOfNegativeLogarithms() {
        AtomicInteger progress = new AtomicInteger();
        Likelihood likelihood = Evaluation.likelihood(model(10), List.of(new int[]{0, 1, 2, 0}, new int[]{2, 1}),
                progress::addAndGet);
        assertThat(likelihood.predicted()).isEqualTo(4).isEqualTo(progress.get());
        double mean = (0 + 1 + 2 + 0) / 4.0 + Math.log(SUM);
        assertThat(likelihood.meanNll()).isCloseTo(mean, within(TOLERANCE));
        assertThat(likelihood.perplexity()).isCloseTo(Math.exp(mean), within(TOLERANCE));
    }

    @Test
    void theLastIdOfAWindowIsNotRead() {
        ScriptedSequence sequence = model(200);
        int[] window = IntStream.range(0, 201).map(i -> 1).toArray();
        Likelihood likelihood = Evaluation.likelihood(sequence, List.of(window, window), id -> {
        });
        assertThat(likelihood.predicted()).isEqualTo(400);
        assertThat(likelihood.meanNll()).isCloseTo(Math.log(SUM), within(TOLERANCE));
        assertThat(sequence.appended()).containsExactly(200, 200);
    }

    @Test
    void divergenceAndAgreementByPosition() {
        ScriptedSequence alike = new ScriptedSequence(VOCABULARY, 10, length -> length < 3 ? 1 : 2);
        Comparison comparison = Evaluation.compare(alike, model(10), List.of(new int[]{0, 1, 1, 1, 1}), id -> {
        });
        double kl = (1 * (0 - -2) + Math.exp(-1) * (-1 - 0) + Math.exp(-2) * (-2 - -1)) / SUM;
        assertThat(comparison.meanDivergence()).isCloseTo(kl / 2, within(TOLERANCE));
        assertThat(comparison.agreement()).isEqualTo(0.5);
        assertThat(comparison.reference().meanNll()).isCloseTo(Math.log(SUM), within(TOLERANCE));
        assertThat(comparison.model().meanNll()).isCloseTo(Math.log(SUM) + 1, within(TOLERANCE));
        assertThat(comparison.positions()).extracting(Comparison.Positions::from).containsExactly(1, 2, 4);
        assertThat(comparison.positions()).extracting(Comparison.Positions::to).containsExactly(1, 3, 4);
        assertThat(comparison.positions()).extracting(Comparison.Positions::predicted).containsExactly(1, 2, 1);
        assertThat(comparison.positions()).extracting(Comparison.Positions::agreement).containsExactly(1.0, 0.5, 0.0);
        assertThat(comparison.positions().getLast().meanDivergence()).isCloseTo(kl, within(TOLERANCE));
    }

    @Test
    void longWindowsAreComparedInBlocks() {
        int[] window = IntStream.range(0, 150).map(i -> 1).toArray();
        ScriptedSequence alike = new ScriptedSequence(VOCABULARY, 150, length -> length < 75 ? 1 : 2);
        Comparison comparison = Evaluation.compare(alike, model(150), List.of(window, window), id -> {
        });
        assertThat(comparison.agreement()).isCloseTo(74.0 / 149, within(TOLERANCE));
        assertThat(comparison.positions().getLast()).extracting(Comparison.Positions::from,
                Comparison.Positions::to, Comparison.Positions::predicted, Comparison.Positions::agreement)
                .containsExactly(128, 149, 44, 0.0);
    }

    @Test
    void aModelDoesNotDivergeFromItself() {
        Comparison comparison = Evaluation.compare(model(10), model(10), List.of(new int[]{0, 1, 2}), id -> {
        });
        assertThat(comparison.meanDivergence()).isZero();
        assertThat(comparison.agreement()).isEqualTo(1);
    }

    @Test
    void windowsThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> Evaluation.likelihood(model(2), List.of(new int[4]), id -> {
        })).isInstanceOf(GenerationException.class).hasMessage(
                "window: found 4 tokens, expected at most 3, one more than the context");
        ScriptedSequence other = new ScriptedSequence(VOCABULARY + 1, 10, length -> 1);
        assertThatThrownBy(() -> Evaluation.compare(model(9), other, List.of(new int[4]), id -> {
        })).isInstanceOf(GenerationException.class).hasMessageContaining("vocabulary");
    }
}
