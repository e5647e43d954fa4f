package org.quantado.server.api;

import java.util.List;

import org.quantado.server.batch.BatchRequest;

/**
 * A request that was read and found good.
 *
 * @param answers one for each choice
 * @param stream whether they are sent as they come
 * @param usage whether a stream ends with the number of tokens
 * @param format how they are written
 */
public record Prepared(List<BatchRequest> answers, boolean stream, boolean usage, AnswerFormat format) {
}
