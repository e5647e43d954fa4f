package org.quantado.models.batch;

import org.quantado.models.SharedModel;
import org.quantado.schemes.cluster.Place;

/**
 * A model that answers on any machine.
 *
 * @param model that is opened
 * @param rule what is asked of it
 */
record BatchModel(SharedModel model, AnswerRule rule) implements Place<AnsweringModel> {
    @Override
    public AnsweringModel open() {
        return new AnsweringModel(model.open(), rule);
    }
}
