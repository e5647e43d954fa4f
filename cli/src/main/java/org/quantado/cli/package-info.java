/** The quantado command. */
package org.quantado.cli;
