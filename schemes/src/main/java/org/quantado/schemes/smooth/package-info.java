/**
 * Smoothing: input channels of some layers are scaled up in their weights and down in what comes before, a norm or a layer,
 * so that the model computes the same and loses less when it is quantized. The scales are AWQ's or SmoothQuant's, with
 * llm-compressor's formulas.
 */
package org.quantado.schemes.smooth;
