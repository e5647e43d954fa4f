/** Checkpoints, their quantization config, and the linear schemes that run their layers. */
package org.quantado.schemes;
