package org.quantado.kernels.routing;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The experts of T tokens.
 *
 * @param ids {@code [T, k]}, numbers of experts, the best first
 * @param weights {@code [T, k]}
 */
public record Routed(IntArray ids, FloatArray weights) {
}
