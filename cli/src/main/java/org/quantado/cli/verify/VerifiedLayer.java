package org.quantado.cli.verify;

import org.quantado.cli.report.Millis;
import org.quantado.schemes.verify.LayerResult;

/**
 * How far a layer is from its reference.
 *
 * @param layer its name
 * @param scheme that ran it
 * @param rows M
 * @param outputs N
 * @param inputs K
 * @param worstError largest error as a fraction of the tolerance; absent where it is not finite
 * @param sqnr against the reference in dB; absent where it is not finite
 * @param steps elements one step of the output's quantization away, on a boundary
 * @param prepareMillis time to load the layer
 * @param applyMillis time of the run, compilation of the kernels included
 * @param passed whether every element is within tolerance
 */
record VerifiedLayer(String layer, String scheme, int rows, int outputs, int inputs, Double worstError, Double sqnr,
        int steps, double prepareMillis, double applyMillis, boolean passed) {
    static VerifiedLayer of(LayerResult result) {
        return new VerifiedLayer(result.layer(), result.scheme(), result.rows(), result.outputs(), result.inputs(),
                finite(result.worstError()), finite(result.sqnr()), result.steps(), Millis.of(result.prepareNanos()),
                Millis.of(result.applyNanos()), result.isWithinTolerance());
    }

    private static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
