/** The command {@code download}. */
package org.quantado.cli.download;
