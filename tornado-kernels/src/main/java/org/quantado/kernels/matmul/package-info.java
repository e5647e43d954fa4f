/**
 * The dequantizing matrix product that every scheme shares: codes, a decode table, and group scales.
 */
package org.quantado.kernels.matmul;
