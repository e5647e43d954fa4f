package org.quantado.models.family;

import org.quantado.kernels.attention.RopeScaling;

/**
 * How queries and keys are turned by their positions.
 *
 * @param size elements of a head that are turned
 * @param base of the frequencies
 * @param scaling what becomes of them for long contexts
 * @param interleaved whether pairs are neighbours, else an element of the first half is with that of the second
 */
public record RopeSpec(int size, double base, RopeScaling scaling, boolean interleaved) {
}
