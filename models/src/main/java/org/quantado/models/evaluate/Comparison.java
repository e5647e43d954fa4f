package org.quantado.models.evaluate;

import java.util.List;

/**
 * How far a model is from a reference on the same text.
 *
 * @param model how likely the text is to the model
 * @param reference how likely it is to the reference
 * @param meanDivergence mean Kullback-Leibler divergence of the model from the reference,
 *     {@code sum p_ref log(p_ref / p)}, in nats
 * @param agreement part of the predictions in which both find the same id most likely
 * @param positions the same by position in the window
 */
public record Comparison(Likelihood model, Likelihood reference, double meanDivergence, double agreement,
        List<Positions> positions) {
    /**
     * Predictions at some positions of all windows.
     *
     * @param from first position, the number of ids that are known there
     * @param to last position
     * @param predicted how many predictions
     * @param meanDivergence as for all
     * @param agreement as for all
     */
    public record Positions(int from, int to, int predicted, double meanDivergence, double agreement) {
    }
}
