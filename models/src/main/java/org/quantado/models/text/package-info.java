/** From and to text: tokenizer, chat template, text as it comes in pieces, stop strings. */
package org.quantado.models.text;
