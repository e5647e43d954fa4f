package org.quantado.models.batch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

import org.quantado.schemes.cluster.ClusterTask;

/**
 * Answers some lines that follow one another.
 *
 * @param first number of the first of them
 * @param lines as they are in the file
 */
record AnswerTask(int first, ArrayList<String> lines) implements ClusterTask<AnsweringModel, AnswerTask.Answers> {
    /** A line for each. */
    record Answers(List<AnsweredLine> lines) implements Serializable {
    }

    @Override
    public Answers work(AnsweringModel model) {
        return new Answers(model.answer(first, lines));
    }
}
