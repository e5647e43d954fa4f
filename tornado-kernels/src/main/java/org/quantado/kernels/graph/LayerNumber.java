package org.quantado.kernels.graph;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Which of several layers of one shape a graph runs: what they have of their own lies one layer below the other, and the
 * number is read on the device, so that one graph is compiled for all of them.
 *
 * @param layers how many there are, L
 * @param number one element, from 0 to L - 1; who builds a graph with it brings it to the device
 */
public record LayerNumber(int layers, IntArray number) {
    /** Of L layers, at first the first. */
    public static LayerNumber of(int layers) {
        return new LayerNumber(layers, new IntArray(1));
    }
}
