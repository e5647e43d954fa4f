/** How fast whole models run: checkpoints of random weights, and what their tokens take beside the products alone. */
package org.quantado.bench.model;
