/** {@code quantado inspect}: what a checkpoint holds, what is wrong with it, and how fast it is loaded. */
package org.quantado.cli.inspect;
