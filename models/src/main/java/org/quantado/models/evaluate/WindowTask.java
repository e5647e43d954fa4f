package org.quantado.models.evaluate;

import java.util.ArrayList;

import org.quantado.schemes.cluster.ClusterTask;

/**
 * Predicts some windows that follow one another.
 *
 * @param first number of the first of them
 * @param windows ids of each
 */
record WindowTask(int first, ArrayList<int[]> windows) implements ClusterTask<PredictingModel, double[]> {
    /** The sum of the negative logarithms of the probabilities of each window's ids. */
    @Override
    public double[] work(PredictingModel model) {
        return windows.stream().mapToDouble(model::nll).toArray();
    }
}
