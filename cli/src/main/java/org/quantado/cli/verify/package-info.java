/** {@code quantado verify}: layers beside the results that a peer computed. */
package org.quantado.cli.verify;
