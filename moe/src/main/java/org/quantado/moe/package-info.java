/**
 * Mixture-of-experts layers: from a checkpoint's tensors to a block that runs as one graph.
 *
 * <p>A method is a description, as a linear scheme is: which scheme the experts' matrices have, and what the block asks
 * of their sizes. The stages are types: {@link org.quantado.moe.MoeMethod} creates
 * {@link org.quantado.moe.MoeParameters}, which load {@link org.quantado.moe.LoadedMoe}, which becomes a
 * {@link org.quantado.moe.QuantizedMoe}.
 */
package org.quantado.moe;
