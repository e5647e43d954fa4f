package org.quantado.schemes.dialect;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationConfig;

/** Checkpoints of compressed-tensors, read as they are. */
final class CompressedTensors implements Dialect {
    @Override
    public String quantMethod() {
        return QuantizationConfig.QUANT_METHOD;
    }

    @Override
    public QuantizationConfig config(JsonField config) {
        return QuantizationConfig.read(config);
    }

    @Override
    public Checkpoint tensors(Checkpoint checkpoint, ModelConfig config) {
        return checkpoint;
    }
}
