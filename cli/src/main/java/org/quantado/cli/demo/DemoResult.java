package org.quantado.cli.demo;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a layer did in one form.
 *
 * @param form its name
 * @param layer its name
 * @param outputs N
 * @param inputs K
 * @param checkpointBytes of the layer's tensors in the checkpoint
 * @param deviceBytes of codes and scales on the device
 * @param sqnr signal to quantization noise in dB, against the unquantized layer in float64
 * @param worstError largest error, relative to the largest output
 * @param weightError largest error of a weight, as a fraction of the widest step between two codes
 * @param kernelError largest difference from the float64 product with the dequantized weights, as a fraction of what
 *     sums in float may be off; absent where activations are quantized
 * @param activationSqnr signal to noise in dB that quantized activations leave, against the float64 product with the
 *     dequantized weights; absent where they are not quantized
 * @param leastActivationSqnr what it must be, by their format
 * @param prepareMillis time to load, and for some to quantize
 * @param applyMillis time of one run, the median of some
 */
record DemoResult(String form, String layer, int outputs, int inputs, long checkpointBytes, long deviceBytes,
        double sqnr, double worstError, double weightError, Double kernelError, Double activationSqnr,
        double leastActivationSqnr, double prepareMillis, double applyMillis) {
    /**
     * Floats of 4 bits leave no less of the demo's signal, which has outliers that make it hard; codes of 8 bits leave far
     * more.
     */
    static final double LEAST_ACTIVATION_SQNR = 4;
    /** Of integers of 4 bits, the largest of a token takes nearly all codes: most other inputs become 0. */
    static final double LEAST_INT4_ACTIVATION_SQNR = 0.1;

    /** Whether the errors are what the format allows, and the kernels add none of their own. */
    @JsonProperty
    boolean passed() {
        return weightError <= 1 && (kernelError == null || kernelError <= 1)
                && (activationSqnr == null || activationSqnr >= leastActivationSqnr);
    }
}
