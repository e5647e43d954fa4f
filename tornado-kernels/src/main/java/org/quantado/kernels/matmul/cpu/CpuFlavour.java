package org.quantado.kernels.matmul.cpu;

import java.util.Optional;

import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.DeviceSettings;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.FlavourKernels;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.tiled.TiledMatmul;

import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** TornadoVM's vectors over tiles of 16 rows. */
public final class CpuFlavour implements FlavourKernels {
    @Override
    public BlockSizes usualBlocks() {
        return TiledMatmul.USUAL_BLOCKS;
    }

    @Override
    public Optional<String> hindrance() {
        return Engine.isEmbedded() || Engine.device().getTornadoVMBackend() == TornadoVMBackendType.OPENCL
                ? Optional.empty()
                : Optional.of("vectors of 16 are for the host engine and OpenCL");
    }

    @Override
    public Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
        return TiledMatmul.prepare(weights, new CpuKernels(), settings.blocks());
    }
}
