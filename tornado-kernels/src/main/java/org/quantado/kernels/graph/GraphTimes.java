package org.quantado.kernels.graph;

import uk.ac.manchester.tornado.api.TornadoProfilerResult;

/**
 * What executions of graphs took, as TornadoVM's profiler says.
 *
 * @param kernelNanos time of all kernels on the device, in ns
 * @param bytesIn bytes copied to the device
 * @param bytesOut bytes copied from it
 */
public record GraphTimes(long kernelNanos, long bytesIn, long bytesOut) {
    /** Nothing was measured. */
    public static final GraphTimes NONE = new GraphTimes(0, 0, 0);

    /** Of one execution. */
    static GraphTimes of(TornadoProfilerResult result) {
        return new GraphTimes(result.getDeviceKernelTime(), result.getTotalBytesCopyIn(),
                result.getTotalBytesCopyOut());
    }

    /** Of both. */
    public GraphTimes plus(GraphTimes other) {
        return new GraphTimes(kernelNanos + other.kernelNanos, bytesIn + other.bytesIn, bytesOut + other.bytesOut);
    }
}
