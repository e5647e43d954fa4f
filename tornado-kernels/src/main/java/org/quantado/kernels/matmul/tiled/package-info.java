/** Weights in tiles of 16 rows, and the product with them by the kernels of a flavour. */
package org.quantado.kernels.matmul.tiled;
