/** The command {@code eval}. */
package org.quantado.cli.eval;
