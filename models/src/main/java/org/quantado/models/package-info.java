/** Whole language models: from a checkpoint to text. */
package org.quantado.models;
