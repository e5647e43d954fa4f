/** Golden data for the tests of this module: where it lies, and how its tensors are read. */
package org.quantado.kernels.golden;
