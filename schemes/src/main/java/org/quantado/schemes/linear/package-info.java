/**
 * The linear schemes: from a checkpoint's tensors to a layer that runs.
 *
 * <p>A scheme is a description: which parameters a layer has and how their codes and scales are read
 * ({@link org.quantado.schemes.linear.WeightFormat}), and how activations are quantized. The stages of a layer's life
 * are types, so that a half-loaded layer cannot be run: {@link org.quantado.schemes.linear.LinearScheme} creates
 * {@link org.quantado.schemes.linear.Parameters}, which load
 * {@link org.quantado.schemes.linear.LoadedParameters}, which become a
 * {@link org.quantado.schemes.linear.QuantizedLinear}.
 */
package org.quantado.schemes.linear;
