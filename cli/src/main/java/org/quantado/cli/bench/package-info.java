/** {@code quantado bench}: what to measure, its report, and the picture of the roofline. */
package org.quantado.cli.bench;
