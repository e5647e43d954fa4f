package org.quantado.kernels.matmul.portable;

import java.util.Optional;

import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.DeviceSettings;
import org.quantado.kernels.matmul.ExpertStack;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.FlavourKernels;
import org.quantado.kernels.matmul.Matmul;

/** Plain parallel loops, which run anywhere, with any weight. */
public final class PortableFlavour implements FlavourKernels {
    @Override
    public BlockSizes usualBlocks() {
        return PortableMatmul.USUAL_BLOCKS;
    }

    @Override
    public Optional<String> hindrance() {
        return Optional.empty();
    }

    @Override
    public Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
        return Optional.of(new PortableMatmul(ExpertStack.of(weights)));
    }
}
