package org.quantado.kernels.experts;

import java.util.Optional;

/**
 * Experts that every token goes through, as one.
 *
 * @param mlp of one expert for each layer
 * @param gate {@code [1, H]}, the sigmoid of which multiplies what they give, where there is one
 */
public record SharedExperts(ExpertMlp mlp, Optional<SideLayer> gate) {
}
