/**
 * The dialects in which quantized checkpoints are written: each is a reading of the names, orders and scales of its config
 * and tensors into those of compressed-tensors, which all schemes are described by. What a dialect says and is not known
 * here is refused by name.
 */
package org.quantado.schemes.dialect;
