package org.quantado.kernels.quantize;

import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What a quantizer leaves on the device for M rows of K values in groups.
 *
 * @param values {@code [M, K]}, what codes and scales stand for ("fake quantized")
 * @param codes {@code [M, K]}, one code per element; a single element where they were not asked for
 * @param scales {@code [M, G]}
 * @param scaleCodes {@code [M, G]}: the byte of an E8M0 or E4M3 scale, the zero point of an integer one; a single
 *     element where the scale has neither
 */
public record Quantized(Rows values, IntArray codes, FloatArray scales, IntArray scaleCodes) {
}
