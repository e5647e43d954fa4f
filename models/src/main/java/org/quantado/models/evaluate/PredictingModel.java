package org.quantado.models.evaluate;

import org.quantado.models.SharedModel;
import org.quantado.models.TextModel;
import org.quantado.models.generate.TokenSequence;
import org.quantado.schemes.cluster.Place;

/** A model that predicts windows, one after another. */
final class PredictingModel implements AutoCloseable {
    private final TextModel model;
    private final TokenSequence sequence;

    private PredictingModel(TextModel model) {
        this.model = model;
        this.sequence = model.sequence();
    }

    /**
     * A model that predicts on any machine.
     *
     * @param model that is opened
     */
    record Opened(SharedModel model) implements Place<PredictingModel> {
        @Override
        public PredictingModel open() {
            return new PredictingModel(model.open());
        }
    }

    /** The sum of the negative logarithms of the probabilities of a window's ids. */
    synchronized double nll(int... window) {
        return Evaluation.nll(sequence, window, _ -> {
        });
    }

    @Override
    public void close() {
        sequence.close();
        model.close();
    }
}
