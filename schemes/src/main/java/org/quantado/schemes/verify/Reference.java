package org.quantado.schemes.verify;

import java.util.Optional;

import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

/**
 * What a layer should give for an input.
 *
 * @param layer name of the layer
 * @param x {@code [M, K]}
 * @param usedX {@code [M, K]}, x as it is after quantization, where that is known
 * @param y {@code [M, N]}, a product in float64 stored as F32
 * @param unroundedY {@code [M, N]}, y before the output was quantized, where it was
 * @param activations whether activations were quantized in it
 * @param online what the weight became while loading, if it was unquantized
 */
record Reference(String layer, Tensor x, Optional<Tensor> usedX, Tensor y, Optional<Tensor> unroundedY,
        Activations activations, Optional<OnlineFormat> online) {
}
