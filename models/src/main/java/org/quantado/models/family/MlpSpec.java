package org.quantado.models.family;

import org.quantado.kernels.experts.GatedActivation;

/**
 * The MLP of a layer without experts: {@code down(activation(gate, up))}.
 *
 * @param intermediate features between
 * @param activation of gate and up
 * @param fused whether the two are one module on disk, {@code gate_up_proj}
 * @param bias whether all have biases
 */
public record MlpSpec(int intermediate, GatedActivation activation, boolean fused, boolean bias) {
}
