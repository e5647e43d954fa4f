/** The product in TornadoVM's vectors over tiles: for CPU devices. */
package org.quantado.kernels.matmul.cpu;
