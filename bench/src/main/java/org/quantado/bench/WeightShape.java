package org.quantado.bench;

/**
 * A weight's shape.
 *
 * @param outputs N
 * @param inputs K
 */
public record WeightShape(int outputs, int inputs) {
}
