package org.quantado.kernels.experts;

import java.util.Optional;

import org.quantado.kernels.routing.TopKRouter;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * How a block finds the experts of its tokens.
 *
 * @param topK from logits to experts
 * @param layer {@code [E, H]} that gives the logits, where the block has it
 * @param scoreBias {@code [E]}, added to the scores when experts are compared
 */
public record Router(TopKRouter topK, Optional<SideLayer> layer, Optional<FloatArray> scoreBias) {
}
