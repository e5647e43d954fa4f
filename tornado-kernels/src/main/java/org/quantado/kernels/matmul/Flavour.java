package org.quantado.kernels.matmul;

import java.util.Optional;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Ways in which the product is written: same arguments, same result within rounding. */
public enum Flavour {
    /** Plain parallel loops: for any device and any weight. */
    PORTABLE {
        @Override
        Optional<Matmul> prepare(QuantizedMatrix matrix, FloatArray bias, int blocks) {
            return Optional.of(new PortableLayout(new ExpertMatrix(blocks, new LinearWeight(matrix, bias))));
        }
    },
    /** Vector types over tiles of 16 rows: for CPU devices. */
    CPU {
        @Override
        Optional<Matmul> prepare(QuantizedMatrix matrix, FloatArray bias, int blocks) {
            return TiledMatmul.prepare(new CpuKernels(), matrix, bias, blocks);
        }
    },
    /** Work-groups that share rows and squares in local memory: for GPUs. */
    GPU {
        @Override
        Optional<Matmul> prepare(QuantizedMatrix matrix, FloatArray bias, int blocks) {
            return Optional.of(new GpuMatmul(new ExpertMatrix(blocks, new LinearWeight(matrix, bias))));
        }
    },
    /** The JVM's vectors over the same tiles: for the host engine, which runs kernels as Java. */
    HOST {
        @Override
        Optional<Matmul> prepare(QuantizedMatrix matrix, FloatArray bias, int blocks) {
            return TiledMatmul.prepare(new HostKernels(), matrix, bias, blocks);
        }
    };

    /**
     * Brings a weight into the flavour's layout.
     *
     * @param bias one element for each row of the matrix
     * @param blocks how many blocks of rows the weight consists of
     * @return empty if the flavour has no kernels for such codes
     */
    abstract Optional<Matmul> prepare(QuantizedMatrix matrix, FloatArray bias, int blocks);
}
