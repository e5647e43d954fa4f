/** Answers to questions about texts. */
package org.quantado.examples.rag;
