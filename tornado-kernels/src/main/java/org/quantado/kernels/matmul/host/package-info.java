/** The product in the JVM's own vectors over tiles: for the host engine, which runs kernels as Java. */
package org.quantado.kernels.matmul.host;
