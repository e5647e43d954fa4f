package org.quantado.server.batch;

import java.util.List;

/** Who waits for an answer. It is called by the thread that all answers wait for, and must not make it wait. */
public interface AnswerListener {
    /**
     * The answer goes on.
     *
     * @param text whole characters, perhaps none
     * @param probabilities of the ids since the last call, if they were asked for
     */
    void piece(String text, List<TokenProbability> probabilities);

    /** The last call: there is no more. */
    void end(Outcome outcome);
}
