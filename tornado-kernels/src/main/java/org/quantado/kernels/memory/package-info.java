/** Memory for large arrays, outside of the heap. */
package org.quantado.kernels.memory;
