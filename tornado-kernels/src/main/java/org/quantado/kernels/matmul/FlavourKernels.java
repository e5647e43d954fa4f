package org.quantado.kernels.matmul;

import java.util.Optional;

/** What a flavour consists of; each has a package of its own, which {@link Flavour} alone knows. */
public interface FlavourKernels {
    /** How many rows of x are multiplied together where nothing else is said. */
    BlockSizes usualBlocks();

    /** Why it does not run on the selected device; empty if it does. */
    Optional<String> hindrance();

    /**
     * Brings a weight into the flavour's layout.
     *
     * @param settings of this flavour, with blocks of sizes that there are
     * @return empty if the flavour has no kernels for such codes
     */
    Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings);
}
