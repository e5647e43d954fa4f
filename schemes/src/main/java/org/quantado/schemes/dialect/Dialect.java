package org.quantado.schemes.dialect;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationConfig;

/** How somebody writes quantized checkpoints. */
interface Dialect {
    /** The value of {@code quant_method} that it goes by. */
    String quantMethod();

    /**
     * Reads a {@code quantization_config}: what compressed-tensors would say of the same weights.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if it has a field or value that is not known
     */
    QuantizationConfig config(JsonField config);

    /**
     * The same checkpoint with the names and shapes that compressed-tensors would give its tensors.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a tensor cannot be what its name says
     */
    Checkpoint tensors(Checkpoint checkpoint, ModelConfig config);
}
