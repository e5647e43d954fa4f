package org.quantado.kernels.matmul;

import java.util.Optional;

/** Ways in which the product is written: same arguments, same result within rounding. */
public enum Flavour {
    /** Plain parallel loops: for any device and any weight. */
    PORTABLE {
        @Override
        Optional<Matmul> prepare(ExpertWeights weights) {
            return Optional.of(new PortableMatmul(ExpertStack.of(weights)));
        }
    },
    /** Vector types over tiles of 16 rows: for CPU devices. */
    CPU {
        @Override
        Optional<Matmul> prepare(ExpertWeights weights) {
            return TiledMatmul.prepare(weights, new CpuKernels());
        }
    },
    /** Work-groups that share rows and squares in local memory: for GPUs. */
    GPU {
        @Override
        Optional<Matmul> prepare(ExpertWeights weights) {
            return Optional.of(new GpuMatmul(ExpertStack.of(weights)));
        }
    },
    /** The JVM's vectors over the same tiles: for the host engine, which runs kernels as Java. */
    HOST {
        @Override
        Optional<Matmul> prepare(ExpertWeights weights) {
            return TiledMatmul.prepare(weights, new HostKernels());
        }
    };

    /**
     * Brings a weight into the flavour's layout.
     *
     * @return empty if the flavour has no kernels for such codes
     */
    abstract Optional<Matmul> prepare(ExpertWeights weights);
}
