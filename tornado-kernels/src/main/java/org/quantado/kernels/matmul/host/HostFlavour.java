package org.quantado.kernels.matmul.host;

import java.util.Map;
import java.util.Optional;

import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.engine.VectorModule;
import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.DeviceSettings;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.FlavourKernels;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.tiled.TiledMatmul;

/** The JVM's vectors over tiles of 16 rows. */
public final class HostFlavour implements FlavourKernels {
    /** System property by which the launcher says that it adds the module wherever kernels run, although not here. */
    private static final String VECTORS_PROPERTY = "quantado.vectors";
    private static final BlockSizes USUAL_BLOCKS = BlockSizes.of(Map.of(1, 1, 2, 4, 5, 8, 9, 16));

    @Override
    public BlockSizes usualBlocks() {
        return USUAL_BLOCKS;
    }

    @Override
    public Optional<String> hindrance() {
        if (!Engine.isEmbedded()) {
            return Optional.of("it is for the host engine");
        }
        return VectorModule.isPresent() || Boolean.getBoolean(VECTORS_PROPERTY)
                ? Optional.empty()
                : Optional.of("java was started without --add-modules " + VectorModule.NAME);
    }

    @Override
    public Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
        return TiledMatmul.prepare(weights, new HostKernels(), settings.blocks());
    }
}
