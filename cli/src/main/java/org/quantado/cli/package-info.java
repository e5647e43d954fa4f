/** The {@code quantado} command: one package for each command, which do not know each other. */
package org.quantado.cli;
