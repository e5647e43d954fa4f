package org.quantado.bench.model;

import java.util.Map;

import org.quantado.bench.timing.Times;

/**
 * What a call of a model took.
 *
 * @param phase what the call does
 * @param tokens that go in with it
 * @param wall whole time of a call
 * @param kernels of it, as TornadoVM's profiler says
 * @param productNanos what the products with the weights take alone, in kernels, in ns
 * @param productShare productNanos over the best whole time
 * @param tokensPerSecond by the best whole time
 * @param heapBytes that the calling thread allocates in a call
 * @param nanosByTask kernels of a call by the decoder's graphs and their tasks, in ns
 */
public record ModelTime(Phase phase, int tokens, Times wall, Times kernels, double productNanos, double productShare,
        double tokensPerSecond, long heapBytes, Map<String, Map<String, Long>> nanosByTask) {
    /** What is measured. */
    public enum Phase {
        /** A whole prompt, and the first token after it. */
        PROMPT,
        /** A token of one sequence. */
        DECODE,
        /** A token of each of several sequences. */
        DECODE_MANY
    }
}
