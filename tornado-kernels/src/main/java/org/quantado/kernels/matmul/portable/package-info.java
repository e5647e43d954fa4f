/** The product in plain parallel loops: for any device and any weight, and the reference of the other flavours. */
package org.quantado.kernels.matmul.portable;
