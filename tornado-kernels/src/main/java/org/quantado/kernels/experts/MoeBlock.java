package org.quantado.kernels.experts;

import java.util.Optional;

import org.quantado.kernels.codec.ModelDtype;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A mixture of experts: {@code y[t] = sum_j weight[t,j] * expert[id[t,j]](x[t]) + sigmoid(gate(x[t])) *
 * shared(x[t])}, the last of them with a gate, without it or not at all, of which this rank adds
 * up what its own experts give.
 *
 * @param experts the experts of this rank
 * @param expertMap {@code [E]}, the number here of each expert, -1 where it is on another rank
 * @param router how experts are chosen
 * @param weightOnInput where weights multiply x and not the result: the type that the product is rounded to
 * @param shared experts that every token goes through
 */
public record MoeBlock(ExpertMlp experts, IntArray expertMap, Router router, Optional<ModelDtype> weightOnInput,
        Optional<SharedExperts> shared) {
}
