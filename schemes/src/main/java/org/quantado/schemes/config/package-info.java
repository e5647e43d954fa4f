/**
 * What a checkpoint's {@code config.json} says: facts of the model, and its {@code quantization_config} as
 * compressed-tensors defines it.
 */
package org.quantado.schemes.config;
