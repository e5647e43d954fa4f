package org.quantado.kernels.matmul.gpu;

import java.util.Optional;

import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.DeviceSettings;
import org.quantado.kernels.matmul.ExpertStack;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.FlavourKernels;
import org.quantado.kernels.matmul.Matmul;

/** Work-groups, which share rows and tiles. */
public final class GpuFlavour implements FlavourKernels {
    @Override
    public BlockSizes usualBlocks() {
        return GpuMatmul.USUAL_BLOCKS;
    }

    @Override
    public Optional<String> hindrance() {
        return Optional.empty();
    }

    @Override
    public Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
        return Optional.of(new GpuMatmul(ExpertStack.of(weights), settings));
    }
}
