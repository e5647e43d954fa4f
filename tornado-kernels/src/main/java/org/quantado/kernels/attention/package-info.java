/**
 * Attention over a cache of keys and values: positions are turned into queries and keys (rope), keys and values appended,
 * and the rows of a batch attend to the earlier positions of their sequences.
 */
package org.quantado.kernels.attention;
