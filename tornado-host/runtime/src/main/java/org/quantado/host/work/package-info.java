/**
 * Running kernels on the machine's cores: slices of {@code @Parallel} loops, and work-groups with barriers, local
 * memory and atomics.
 */
package org.quantado.host.work;
