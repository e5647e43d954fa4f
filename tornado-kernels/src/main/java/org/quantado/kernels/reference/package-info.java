/**
 * What each quantization does, in plain Java: the oracle for the kernels, and what quantizes checkpoints offline.
 *
 * <p>
 * All of them take values in consecutive blocks of one size. A block is a group of a row, a row (a token, or an output
 * channel), or the whole tensor; a matrix {@code [N, K]} with groups of {@code g} is {@code N * K / g} blocks in row-major
 * order. Large matrices are done in slices of whole blocks, in any order and from any thread.
 */
package org.quantado.kernels.reference;
