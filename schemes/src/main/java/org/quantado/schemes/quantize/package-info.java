/**
 * Quantizing a checkpoint: any Hugging Face checkpoint in, one that compressed-tensors could have written out.
 * <p>
 * Weights are rounded to nearest, with the scales and the order of operations of compressed-tensors, so that codes
 * and scales are the same to the bit. One layer is worked on at a time, row by row, on all cores; nothing but that
 * layer is held in memory. The output takes its name only once it is complete.
 */
package org.quantado.schemes.quantize;
