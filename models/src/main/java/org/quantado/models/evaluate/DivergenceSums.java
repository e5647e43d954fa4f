package org.quantado.models.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.quantado.models.evaluate.Comparison.Positions;

/** Adds up divergences by the position in a window. */
final class DivergenceSums {
    private final double[] divergence;
    private final int[] agreeing;
    private final int[] predicted;

    /** @param positions ids of the longest window */
    DivergenceSums(int positions) {
        divergence = new double[positions];
        agreeing = new int[positions];
        predicted = new int[positions];
    }

    void add(int position, double divergenceThere, boolean agrees) {
        divergence[position] += divergenceThere;
        agreeing[position] += agrees ? 1 : 0;
        predicted[position]++;
    }

    Comparison comparison(Likelihood model, Likelihood reference) {
        Positions all = positions(1, divergence.length - 1);
        return new Comparison(model, reference, all.meanDivergence(), all.agreement(), byPosition());
    }

    /** Rows of twice as many positions each: 1, 2 to 3, 4 to 7 and so on. */
    private List<Positions> byPosition() {
        List<Positions> rows = new ArrayList<>();
        for (int from = 1; from < divergence.length; from *= 2) {
            rows.add(positions(from, Math.min(2 * from, divergence.length) - 1));
        }
        return rows;
    }

    private Positions positions(int from, int to) {
        int count = Arrays.stream(predicted, from, to + 1).sum();
        return new Positions(from, to, count, Arrays.stream(divergence, from, to + 1).sum() / count,
                (double) Arrays.stream(agreeing, from, to + 1).sum() / count);
    }
}
