/** From logits to text: sampling, and the loop that lets a model go on with a prompt. */
package org.quantado.models.generate;
