/**
 * Benchmarks: every figure a ratio to a limit or a peer measured in the same run.
 *
 * <p>Here is how work is measured on a device, as {@code quantado bench} does; what is measured lies in
 * {@link org.quantado.bench.workloads}, and code of the JVM is measured by {@link org.quantado.bench.jmh}.
 */
package org.quantado.bench;
