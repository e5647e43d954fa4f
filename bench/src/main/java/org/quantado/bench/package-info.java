/** Benchmarks: every figure a ratio to a limit or a peer measured in the same run. */
package org.quantado.bench;
