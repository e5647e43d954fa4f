package org.quantado.schemes.quantize;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantado.schemes.cluster.WorkerRate;
import org.quantado.schemes.config.QuantizationConfig;

/**
 * What came of a quantization.
 *
 * @param folder the checkpoint that was written
 * @param config what it says of itself
 * @param layers how far each quantized weight is from what it was, in the order of the input
 * @param inputBytes size of the input's tensors
 * @param outputBytes size of the output's tensors
 * @param layersDoneBefore how many layers an earlier attempt had finished
 * @param leftOut what of the input was not copied, by path, and why
 * @param warnings sentences that a user should read
 * @param calibrators how many samples each process of a cluster ran through layers; empty if there was none
 * @param workers how many bytes of weights each process of a cluster quantized; empty if there was none
 */
public record QuantizationResult(Path folder, QuantizationConfig config, List<LayerError> layers, long inputBytes,
        long outputBytes, int layersDoneBefore, Map<String, String> leftOut, List<String> warnings,
        List<WorkerRate> calibrators, List<WorkerRate> workers) {
    public QuantizationResult {
        layers = List.copyOf(layers);
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
        warnings = List.copyOf(warnings);
        calibrators = List.copyOf(calibrators);
        workers = List.copyOf(workers);
    }
}
