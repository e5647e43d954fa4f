package org.quantado.schemes.dialect;

import java.util.List;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.QuantizationConfig;

/** Checkpoints of compressed-tensors, read as they are. */
final class CompressedTensors implements Dialect {
    @Override
    public List<String> quantMethods() {
        return List.of(QuantizationConfig.QUANT_METHOD);
    }

    @Override
    public Reading read(JsonField config, Checkpoint checkpoint) {
        return new Reading(QuantizationConfig.read(config), _ -> checkpoint);
    }
}
