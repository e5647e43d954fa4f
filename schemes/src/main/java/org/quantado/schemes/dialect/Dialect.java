package org.quantado.schemes.dialect;

import java.util.List;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;

/** How somebody writes quantized checkpoints. */
interface Dialect {
    /** The values of {@code quant_method} that it goes by. */
    List<String> quantMethods();

    /**
     * Reads a {@code quantization_config}: what compressed-tensors would say of the same weights, and what it would call
     * their tensors.
     *
     * @param config the object
     * @param checkpoint whose names and shapes say what a config leaves open
     * @throws org.quantado.schemes.checkpoint.CheckpointException if it has a field or value that is not known
     */
    Reading read(JsonField config, Checkpoint checkpoint);
}
