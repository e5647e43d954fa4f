/** The command {@code generate}. */
package org.quantado.cli.generate;
