package org.quantado.kernels.experts;

import java.util.Optional;

import org.quantado.kernels.routing.TopKRouter;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * How a block finds the experts of its tokens.
 *
 * @param topK from logits to experts
 * @param weight {@code [E, H]} of the layer that gives the logits, where the block has it
 * @param bias {@code [E]}, added to the logits; zeros where there is none
 * @param scoreBias {@code [E]}, added to the scores when experts are compared
 */
public record Router(TopKRouter topK, Optional<FloatArray> weight, FloatArray bias, Optional<FloatArray> scoreBias) {
}
