/** Kernels as static Java methods, codecs, and the builders of their TaskGraphs. */
package org.quantado.kernels;
