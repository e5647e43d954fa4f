/** From ids to rows: look-up in tables that stay in the width in which they are stored. */
package org.quantado.kernels.embedding;
