/**
 * Quantizing a model by what goes through it: samples of a text go through the decoder layer by layer, each of which is
 * observed as it is, quantized, and run quantized for the next.
 */
package org.quantado.models.calibrate;
