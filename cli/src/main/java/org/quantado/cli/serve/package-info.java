/** The command {@code serve}. */
package org.quantado.cli.serve;
