package org.quantado.moe.family;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.quantado.moe.ExpertNames;

/**
 * What a family's block of experts contains, and what that is called in a checkpoint. Names are relative to the block.
 *
 * @param block name of the block in its layer, such as {@code mlp}
 * @param router the layer that gives the logits
 * @param routerBias whether it has a bias
 * @param matrices of an expert
 * @param expertBias whether these have biases
 * @param shared experts that every token goes through, stored as one
 */
public record BlockNames(String block, String router, boolean routerBias, ExpertNames matrices, boolean expertBias,
        Optional<Shared> shared) {
    /**
     * Experts that every token goes through.
     *
     * @param module above gate, up and down
     * @param gate the layer whose sigmoid multiplies what they give, where there is one
     */
    public record Shared(String module, Optional<String> gate) {
    }

    /** {@code mlp}, with {@code gate} for the router. */
    static final BlockNames MLP = new BlockNames("mlp", "gate", false, ExpertNames.GATE_UP_DOWN, false,
            Optional.empty());

    /** {@code block_sparse_moe}, with {@code gate} for the router and matrices that have numbers. */
    static final BlockNames BLOCK_SPARSE_MOE = new BlockNames("block_sparse_moe", "gate", false, ExpertNames.W1_W3_W2,
            false, Optional.empty());

    BlockNames called(String name) {
        return new BlockNames(name, router, routerBias, matrices, expertBias, shared);
    }

    BlockNames router(String module) {
        return new BlockNames(block, module, routerBias, matrices, expertBias, shared);
    }

    BlockNames matrices(ExpertNames names) {
        return new BlockNames(block, router, routerBias, names, expertBias, shared);
    }

    BlockNames biased() {
        return new BlockNames(block, router, true, matrices, true, shared);
    }

    BlockNames shared(String module) {
        return new BlockNames(block, router, routerBias, matrices, expertBias,
                Optional.of(new Shared(module, Optional.empty())));
    }

    BlockNames gatedShared(String module, String gate) {
        return new BlockNames(block, router, routerBias, matrices, expertBias,
                Optional.of(new Shared(module, Optional.of(gate))));
    }

    /** The layers that are never quantized unless somebody's list forgot them: router and gate of the shared experts. */
    public List<String> keptUnquantized() {
        return Stream.concat(Stream.of(router), shared.flatMap(Shared::gate).stream()).toList();
    }
}
