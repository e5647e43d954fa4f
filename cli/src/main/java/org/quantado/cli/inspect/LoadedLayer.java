package org.quantado.cli.inspect;

/**
 * How long a layer took from the mapped file to the layout of the kernels.
 *
 * @param name of a linear layer or a block of experts
 * @param method that runs it, by vLLM's name
 * @param bytes of all its tensors in the checkpoint
 * @param packedBytes of its weights in the layout of the kernels
 * @param seconds that it took
 * @param bytesPerSecond of the checkpoint's
 * @param peakBytes the most memory that was in use meanwhile, beyond what was before; the packed weights are part of it
 * @param peakRatio of that to the packed bytes; absent where they are too few for it to mean anything
 */
record LoadedLayer(String name, String method, long bytes, long packedBytes, double seconds, double bytesPerSecond,
        long peakBytes, Double peakRatio) {
    /** Below this many bytes, the memory that the program itself takes outweighs a layer's. */
    private static final long LEAST_BYTES = 1_000_000;

    /** A number that says something of a layer of this size. */
    static Double ofSize(long packedBytes, double number) {
        return packedBytes < LEAST_BYTES ? null : number;
    }
}
