package org.quantado.kernels.graph;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import uk.ac.manchester.tornado.api.TornadoProfilerResult;

/**
 * What executions of graphs took, as TornadoVM's profiler says.
 *
 * @param kernelNanos time of all kernels on the device, in ns
 * @param bytesIn bytes copied to the device
 * @param bytesOut bytes copied from it
 * @param nanosByTask time of the kernel of each task, in ns
 */
public record GraphTimes(long kernelNanos, long bytesIn, long bytesOut, Map<String, Long> nanosByTask) {
    /** Nothing was measured. */
    public static final GraphTimes NONE = new GraphTimes(0, 0, 0, Map.of());

    /** What the part of the profiler's log begins with that is about one execution: earlier ones stay in the log. */
    private static final String EXECUTION = "\"TOTAL_KERNEL_TIME\"";

    /** The name of a task, behind that of its graph, or the time of its kernel, in the profiler's log. */
    private static final Pattern TASK_OR_TIME = Pattern
            .compile("\"\\w+\\.(\\w+)\": \\{|\"TASK_KERNEL_TIME\": \"(\\d+)\"");

    /** Of one execution. */
    static GraphTimes of(TornadoProfilerResult result) {
        return new GraphTimes(result.getDeviceKernelTime(), result.getTotalBytesCopyIn(),
                result.getTotalBytesCopyOut(), nanosByTask(result.getProfileLog()));
    }

    /** What the last execution took: TornadoVM's log of a graph has all of its executions, one behind another. */
    private static Map<String, Long> nanosByTask(String log) {
        Map<String, Long> nanos = new LinkedHashMap<>();
        Matcher matcher = TASK_OR_TIME.matcher(log.substring(Math.max(0, log.lastIndexOf(EXECUTION))));
        String task = "";
        while (matcher.find()) {
            if (matcher.group(1) == null) {
                nanos.put(task, Long.parseLong(matcher.group(2)));
            } else {
                task = matcher.group(1);
            }
        }
        return nanos;
    }

    /** Of both. */
    public GraphTimes plus(GraphTimes other) {
        Map<String, Long> nanos = new LinkedHashMap<>(nanosByTask);
        other.nanosByTask.forEach((task, more) -> nanos.merge(task, more, Long::sum));
        return new GraphTimes(kernelNanos + other.kernelNanos, bytesIn + other.bytesIn, bytesOut + other.bytesOut,
                nanos);
    }
}
