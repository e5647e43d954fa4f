/**
 * The decoder on the device: embedding, layers, logits, and the cache of keys and values. Layers that are alike are blocks of
 * one weight, and one graph is compiled for all of them.
 */
package org.quantado.models.decoder;
