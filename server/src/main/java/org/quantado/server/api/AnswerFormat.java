package org.quantado.server.api;

import java.util.List;
import java.util.Optional;

import org.quantado.server.batch.Outcome;
import org.quantado.server.batch.TokenProbability;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How the answers to one request are written. For one thread. */
public interface AnswerFormat {
    /** What a stream begins with for a choice, if anything. */
    Optional<ObjectNode> begin(int choice);

    /** A piece of a choice's text in a stream; empty if there is nothing to be said yet. */
    Optional<ObjectNode> piece(int choice, String text, List<TokenProbability> probabilities);

    /** What a stream says of a choice at its end. */
    List<ObjectNode> end(int choice, Outcome outcome);

    /** What a stream ends with if its tokens are to be counted. */
    ObjectNode usage(List<Outcome> outcomes);

    /** All choices at once, after {@link #piece} and {@link #end} were called for them. */
    ObjectNode whole(List<Outcome> outcomes);
}
