package org.quantado.cli;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a layer did in one form.
 *
 * @param form label of the form
 * @param layer its name
 * @param outputs N
 * @param inputs K
 * @param checkpointBytes of the layer in bf16
 * @param bytes of codes and scales on the device
 * @param sqnr signal to quantization noise in dB, against the unquantized layer in float64
 * @param leastSqnr what the format allows
 * @param worstError largest error, relative to the largest output
 * @param kernelError largest difference from the float64 product with the dequantized weights, as a fraction of what
 *     sums in float may be off; absent where the activations were quantized too
 * @param prepareMillis time to load and quantize
 * @param applyMillis time of one run, the median of some
 */
record DemoResult(String form, String layer, int outputs, int inputs, long checkpointBytes, long bytes, double sqnr,
        double leastSqnr, double worstError, Double kernelError, double prepareMillis, double applyMillis) {
    /** Whether the error is what the format allows, and the kernels add none of their own. */
    @JsonProperty
    boolean passed() {
        return sqnr >= leastSqnr && (kernelError == null || kernelError <= 1);
    }
}
