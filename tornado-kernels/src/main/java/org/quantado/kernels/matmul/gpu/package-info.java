/** The product in work-groups that share rows and tiles: for GPUs. */
package org.quantado.kernels.matmul.gpu;
