/** {@code quantado demo}: a small checkpoint, quantized with every preset and run. */
package org.quantado.cli.demo;
