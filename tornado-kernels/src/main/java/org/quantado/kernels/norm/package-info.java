/** Normalization of rows and of heads, and the sums that residual streams are. */
package org.quantado.kernels.norm;
