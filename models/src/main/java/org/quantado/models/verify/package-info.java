/** Running whole models against logits, states and ids that somebody else computed, and saying how far apart they are. */
package org.quantado.models.verify;
