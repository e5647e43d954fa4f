package org.quantado.schemes.quantize;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came of a conversion.
 *
 * @param folder the checkpoint that was written
 * @param quantMethod the dialect of the input
 * @param layers how many quantized layers it has
 * @param inputBytes size of the input's tensors
 * @param outputBytes size of the output's tensors
 * @param leftOut what of the input was not copied, by path, and why
 * @param warnings sentences that a user should read
 */
public record ConversionResult(Path folder, String quantMethod, int layers, long inputBytes, long outputBytes,
        Map<String, String> leftOut, List<String> warnings) {
    public ConversionResult {
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
        warnings = List.copyOf(warnings);
    }
}
