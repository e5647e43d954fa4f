/** {@code quantado run}: one layer with an input of the user's. */
package org.quantado.cli.run;
