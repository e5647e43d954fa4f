/** Quantizes a checkpoint. */
package org.quantado.examples.quantize;
