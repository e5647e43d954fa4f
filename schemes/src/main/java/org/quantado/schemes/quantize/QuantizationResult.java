package org.quantado.schemes.quantize;

import java.nio.file.Path;
import java.util.List;
import org.quantado.schemes.config.QuantizationConfig;

/**
 * What came of a quantization.
 *
 * @param folder the checkpoint that was written
 * @param config what it says of itself
 * @param layers how far each quantized weight is from what it was, in the order of the input
 * @param inputBytes size of the input's tensors
 * @param outputBytes size of the output's tensors
 * @param filesDoneBefore how many files an earlier attempt had finished
 * @param leftOut files of the input with weights in another form, which are not copied
 * @param warnings sentences that a user should read
 */
public record QuantizationResult(Path folder, QuantizationConfig config, List<LayerError> layers, long inputBytes,
        long outputBytes, int filesDoneBefore, List<String> leftOut, List<String> warnings) {
    public QuantizationResult {
        layers = List.copyOf(layers);
        leftOut = List.copyOf(leftOut);
        warnings = List.copyOf(warnings);
    }
}
