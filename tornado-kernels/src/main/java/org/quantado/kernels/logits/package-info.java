/** From the last hidden states to ids: which rows need logits, what becomes of them, and the largest of them. */
package org.quantado.kernels.logits;
