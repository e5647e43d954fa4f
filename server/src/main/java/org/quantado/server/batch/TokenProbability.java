package org.quantado.server.batch;

import java.util.List;

/**
 * How likely the model found a token that was chosen, before temperature, bias and whatever else changes its choice.
 *
 * @param id of the token
 * @param logarithm natural, of its probability
 * @param alternatives the most likely ids in falling order, without alternatives of their own
 */
public record TokenProbability(int id, double logarithm, List<TokenProbability> alternatives) {
    public TokenProbability {
        alternatives = List.copyOf(alternatives);
    }
}
