/**
 * The dequantizing matrix product that every scheme shares: codes, a decode table, and group scales.
 *
 * <p>Here are its contracts and the choice of a flavour; each flavour has a package of its own, which
 * {@link org.quantado.kernels.matmul.Flavour} alone knows.
 */
package org.quantado.kernels.matmul;
