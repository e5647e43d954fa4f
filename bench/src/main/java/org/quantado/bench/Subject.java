package org.quantado.bench;

import java.util.Map;

/**
 * What is measured.
 *
 * @param op kind of work
 * @param format of the weight, or what else tells works of one kind apart
 * @param sizes of what is worked with, by name
 * @param rows of x, or tokens
 */
public record Subject(Op op, String format, Map<String, Integer> sizes, int rows) {
}
