/**
 * Mixture-of-experts layers: routing of tokens to experts, placement of experts on ranks, and the quantized
 * methods that run them, each as one TaskGraph on top of the linear schemes' kernels.
 */
package org.quantado.moe;
