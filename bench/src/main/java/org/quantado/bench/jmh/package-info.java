/**
 * Code of the JVM measured with JMH, each operation beside one of the JDK's that does comparable work.
 *
 * <p>After the first use of {@code ./quantado} run them with
 * {@code java --add-modules jdk.incubator.vector -cp 'cli/target/app/lib/*' org.openjdk.jmh.Main}.
 */
package org.quantado.bench.jmh;
