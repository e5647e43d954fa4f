/**
 * Quantization on the device: a scale rule gives every group a scale, a format gives every value a code.
 *
 * <p>The same tasks quantize activations inside a layer's graph and weights while they are loaded.
 */
package org.quantado.kernels.quantize;
