/** Builders of TaskGraphs: a layer is one graph, and its weights stay on the device between batches of any size. */
package org.quantado.kernels.graph;
