package org.quantado.kernels.logits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class LogitsTest {
    private static final int ROWS = 3;

    private final Random random = new Random(6);

    /** Few different logits, so that most are tied, against a stable sort. */
    @ParameterizedTest
    @CsvSource({"512,1,100", "512,64,5", "5000,1,3", "5000,40,9", "3,3,2", "1025,7,100000"})
    void theLargestComeFirstAndOfEqualOnesTheLowerId(int vocabulary, int k, int different) {
        Rows logits = Rows.allocate(ROWS, vocabulary);
        for (int i = 0; i < ROWS * vocabulary; i++) {
            logits.values().set(i, random.nextInt(different) - different / 2f);
        }
        logits.values().set(vocabulary + 1, Float.POSITIVE_INFINITY);
        logits.values().set(2 * vocabulary, Float.NEGATIVE_INFINITY);
        TopLogits top = run(logits, k);
        for (int m = 0; m < ROWS; m++) {
            int row = m * vocabulary;
            int[] expected = IntStream.range(0, vocabulary).boxed()
                    .sorted((a, b) -> Float.compare(logits.values().get(row + b), logits.values().get(row + a)))
                    .limit(k)
                    .mapToInt(Integer::intValue).toArray();
            for (int j = 0; j < k; j++) {
                assertThat(top.ids().get(m * k + j)).isEqualTo(expected[j]);
                float wanted = Math.clamp(logits.values().get(row + expected[j]), -Float.MAX_VALUE, Float.MAX_VALUE);
                assertThat(top.logits().get(m * k + j)).isEqualTo(wanted);
            }
        }
    }

    @Test
    void nanIsNoLogit() {
        Rows logits = new Rows(FloatArray.fromElements(Float.NaN, -1, Float.NaN, Float.NaN, Float.NaN, Float.NaN),
                IntArray.fromElements(2, 3), 2, 3);
        TopLogits top = run(logits, 2);
        assertThat(top.ids().toHeapArray()).containsExactly(1, -1, -1, -1);
    }

    private static TopLogits run(Rows logits, int k) {
        TopLogits[] top = new TopLogits[1];
        logits.setCount(logits.capacity());
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.inputs(logits.values(), logits.shape());
            top[0] = TopLogits.addTo(graph, "top", logits, k);
            graph.outputs(top[0].ids(), top[0].logits());
        })) {
            plan.execute();
        }
        return top[0];
    }

    @Test
    void moreThanThereAreAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> run(Rows.allocate(1, 5), 6))
                .withMessage("top 6 of 5 logits: expected 1 to 5");
    }

    @Test
    void rowsAreChosenAndLogitsCapped() {
        Rows x = Rows.allocate(5, 70);
        for (int i = 0; i < x.values().getSize(); i++) {
            x.values().set(i, i - 150);
        }
        Rows y = Rows.allocate(4, 70);
        y.setCount(3);
        IntArray chosen = IntArray.fromElements(4, 0, 2, 9);
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.constants(x.values()).inputs(chosen, y.shape());
            LastRows.addTo(graph, "last", x, chosen, y);
            new LogitScaling(0.25f, Optional.of(30f)).addTo(graph, "scale", y);
            graph.outputs(y.values());
        })) {
            plan.execute();
        }
        for (int m = 0; m < 3; m++) {
            for (int i = 0; i < 70; i++) {
                double logit = x.values().get(chosen.get(m) * 70 + i);
                assertThat((double) y.values().get(m * 70 + i)).isCloseTo(30 * Math.tanh(0.25 * logit / 30),
                        within(1e-5));
            }
        }
    }
}
