package org.quantado.kernels.matmul;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Ways in which the product is written: same arguments, same result within rounding. */
public enum Flavour {
    /** Plain parallel loops: for any device and any weight. */
    PORTABLE {
        @Override
        Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
            return Optional.of(new PortableMatmul(ExpertStack.of(weights)));
        }

        @Override
        public BlockSizes usualBlocks() {
            return PortableMatmul.USUAL_BLOCKS;
        }
    },
    /** Vector types over tiles of 16 rows: for CPU devices. */
    CPU {
        @Override
        Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
            return TiledMatmul.prepare(weights, new CpuKernels(), settings.blocks());
        }

        @Override
        public BlockSizes usualBlocks() {
            return TiledMatmul.USUAL_BLOCKS;
        }
    },
    /** Work-groups that share rows and tiles in local memory: for GPUs. */
    GPU {
        @Override
        Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
            return Optional.of(new GpuMatmul(ExpertStack.of(weights), settings));
        }

        @Override
        public BlockSizes usualBlocks() {
            return GpuMatmul.USUAL_BLOCKS;
        }
    },
    /** The JVM's vectors over the same tiles: for the host engine, which runs kernels as Java. */
    HOST {
        @Override
        Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings) {
            return TiledMatmul.prepare(weights, new HostKernels(), settings.blocks());
        }

        @Override
        public BlockSizes usualBlocks() {
            return TiledMatmul.USUAL_BLOCKS;
        }
    };

    /** The flavour of this name, in any case. */
    static Optional<Flavour> named(String name) {
        return Arrays.stream(values()).filter(flavour -> flavour.name().equalsIgnoreCase(name)).findFirst();
    }

    /** All of them, for a message. */
    static String names() {
        return Arrays.toString(values()).toLowerCase(Locale.ROOT);
    }

    /** How many rows of x are multiplied together where nothing else is said. */
    public abstract BlockSizes usualBlocks();

    /** The sizes that blocks of rows can have, in order. */
    public List<Integer> blockSizes() {
        return usualBlocks().from().values().stream().sorted().distinct().toList();
    }

    /**
     * Brings a weight into the flavour's layout.
     *
     * @param settings of this flavour, with blocks of sizes that there are
     * @return empty if the flavour has no kernels for such codes
     */
    abstract Optional<Matmul> prepare(ExpertWeights weights, DeviceSettings settings);
}
