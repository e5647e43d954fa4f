/** How well a model expects a text: perplexity, and how far it is from another model. */
package org.quantado.models.evaluate;
