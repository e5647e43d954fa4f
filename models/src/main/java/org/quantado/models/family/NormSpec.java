package org.quantado.models.family;

/**
 * The RMS norms of a model.
 *
 * @param epsilon added to the mean square
 * @param weightOffset 1 where weights are stored as their difference from 1, else 0
 */
public record NormSpec(float epsilon, float weightOffset) {
}
