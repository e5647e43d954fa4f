/**
 * What the inputs of a layer say about the weights that read them: {@code H = 2 X^T X}, summed up on the device.
 */
package org.quantado.kernels.hessian;
