package org.quantado.schemes.linear;

import org.quantado.kernels.matmul.LinearWeight;

/** Brings weights of any number of layers into the layout of the kernels, one after another. Not thread-safe. */
public interface WeightAssembler extends AutoCloseable {
    /**
     * Weight and bias of all partitions of a layer. The parameters are left as they are.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if their values cannot be right
     */
    LinearWeight assemble(LoadedParameters parameters);

    /** Frees what it holds on the device, if anything. */
    @Override
    default void close() {
    }
}
