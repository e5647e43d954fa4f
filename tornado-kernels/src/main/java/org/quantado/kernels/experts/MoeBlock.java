package org.quantado.kernels.experts;

import java.util.Optional;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.graph.LayerNumber;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A mixture of experts: {@code y[t] = sum_j weight[t,j] * expert[id[t,j]](x[t]) + sigmoid(gate(x[t])) *
 * shared(x[t])}, the last of them with a gate, without it or not at all, of which this rank adds
 * up what its own experts give. Blocks of L layers that are alike may be one: then experts, router and shared experts are
 * those of all layers, one layer after another.
 *
 * @param experts the experts of this rank
 * @param expertMap {@code [E]}, the number here of each expert, -1 where it is on another rank
 * @param router how experts are chosen
 * @param weightOnInput where weights multiply x and not the result: the type that the product is rounded to
 * @param shared experts that every token goes through
 * @param layer which of the L is run
 */
public record MoeBlock(ExpertMlp experts, IntArray expertMap, Router router, Optional<ModelDtype> weightOnInput,
        Optional<SharedExperts> shared, LayerNumber layer) {
    public MoeBlock {
        if (experts.experts() % layer.layers() != 0
                || shared.stream().anyMatch(some -> some.mlp().experts() != layer.layers())) {
            throw new IllegalArgumentException(
                    experts.experts() + " experts are not those of " + layer.layers() + " layers that are alike");
        }
    }

    /** The block of one layer. */
    public MoeBlock(ExpertMlp experts, IntArray expertMap, Router router, Optional<ModelDtype> weightOnInput,
            Optional<SharedExperts> shared) {
        this(experts, expertMap, router, weightOnInput, shared, LayerNumber.of(1));
    }
}
