package org.quantado.models.batch;

import java.io.Serializable;

/**
 * What a prompt was answered.
 *
 * @param json the line
 * @param tokens of the answer
 * @param failed whether it says what is wrong with the prompt
 */
record AnsweredLine(String json, int tokens, boolean failed) implements Serializable {
}
