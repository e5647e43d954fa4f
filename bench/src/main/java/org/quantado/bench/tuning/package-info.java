/** All settings of a device tried by turns, and the fastest of them. */
package org.quantado.bench.tuning;
