package org.quantado.schemes.verify;

/**
 * How far a layer's output is from its reference.
 *
 * @param layer its name
 * @param scheme that ran it
 * @param rows of the input
 * @param outputs N
 * @param inputs K
 * @param worstError largest error as a fraction of what is tolerated for that element; up to 1 is within tolerance
 * @param sqnr signal to quantization noise against the reference, in dB; infinite where they are equal
 * @param steps elements that are one step of the output's quantization away, where the value before it lies on a boundary
 * @param prepareNanos time to load and prepare the layer
 * @param applyNanos time of the first run, compilation of the kernels included
 */
public record LayerResult(String layer, String scheme, int rows, int outputs, int inputs, double worstError,
        double sqnr,
        int steps, long prepareNanos, long applyNanos) {
    /** Whether every element is within tolerance. */
    public boolean isWithinTolerance() {
        return worstError <= 1;
    }
}
