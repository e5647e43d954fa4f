package org.quantado.schemes.dialect;

import java.util.List;
import java.util.function.Function;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationConfig;

/**
 * What a checkpoint says in the terms of compressed-tensors.
 *
 * @param config how its layers are quantized
 * @param tensors the same checkpoint with the names and shapes that compressed-tensors would give its tensors, for a model
 *     of this config
 */
record Reading(QuantizationConfig config, Function<ModelConfig, Checkpoint> tensors) {
    /** Of a checkpoint each of whose tensors is seen as itself, or as others. */
    static Reading of(QuantizationConfig config, Checkpoint checkpoint, Function<Tensor, List<Tensor>> seenAs) {
        return new Reading(config, _ -> checkpoint.seenAs(seenAs));
    }
}
