package org.quantado.models.family;

import java.util.Optional;

/**
 * One layer of a decoder.
 *
 * @param module its name in the checkpoint, such as {@code model.layers.0}
 * @param number from 0
 * @param norms where they stand
 * @param attention how tokens look at those before them
 * @param window positions that a token sees, its own the last; 0 for all
 * @param mlp the MLP; empty for a block of experts
 * @param residualFactor what attention and MLP are multiplied by before they are added
 */
public record LayerSpec(String module, int number, NormPlacement norms, AttentionSpec attention, int window,
        Optional<MlpSpec> mlp, float residualFactor) {
    /** The full name of one of its modules. */
    public String module(String name) {
        return module + "." + name;
    }
}
