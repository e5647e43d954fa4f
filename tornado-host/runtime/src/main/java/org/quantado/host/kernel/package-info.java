/**
 * Kernels as bytecode: which method a task's lambda names, what it does to its arguments, where its {@code @Parallel}
 * loops are, and versions of it that run a slice of such a loop or a whole work-group.
 */
package org.quantado.host.kernel;
