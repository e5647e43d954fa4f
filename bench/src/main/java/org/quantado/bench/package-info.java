/**
 * Benchmarks: every figure a ratio to a limit or a peer measured in the same run.
 *
 * <p>{@code quantado bench} measures kernels on a device. The classes named {@code ...Benchmark} measure code of the JVM
 * with JMH, each operation beside one of the JDK's that does comparable work; after the first use of {@code ./quantado} run
 * them with {@code java --add-modules jdk.incubator.vector -cp 'cli/target/app/lib/*' org.openjdk.jmh.Main}.
 */
package org.quantado.bench;
