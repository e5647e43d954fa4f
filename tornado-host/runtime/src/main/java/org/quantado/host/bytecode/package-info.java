/** The class files behind kernels: methods as javac compiled them, and the {@code @Parallel} loops in them. */
package org.quantado.host.bytecode;
