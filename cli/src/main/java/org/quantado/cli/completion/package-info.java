/** {@code quantado completion}: scripts by which shells complete commands and options. */
package org.quantado.cli.completion;
