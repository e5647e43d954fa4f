package org.quantado.host.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

import org.quantado.host.memory.CopyMeter;

/** Where the time of a graph's last execution went, in ns, and how many bytes were copied. */
final class Execution {
    private final CopyMeter copies = new CopyMeter();
    private final long start = System.nanoTime();
    private final Map<String, Long> kernelNanos = new LinkedHashMap<>();
    private long totalNanos;

    CopyMeter copies() {
        return copies;
    }

    void timeKernel(String task, Runnable kernel) {
        long before = System.nanoTime();
        kernel.run();
        kernelNanos.merge(task, System.nanoTime() - before, Long::sum);
    }

    void end() {
        totalNanos = System.nanoTime() - start;
    }

    long kernelNanos() {
        return kernelNanos.values().stream().mapToLong(Long::longValue).sum();
    }

    long totalNanos() {
        return totalNanos;
    }

    String toJson(String graph) {
        return """
                {
                    "%s": {
                        "TOTAL_TASK_GRAPH_TIME": "%d",
                        "TOTAL_KERNEL_TIME": "%d",
                        "COPY_IN_TIME": "%d",
                        "COPY_OUT_TIME": "%d",
                        "TOTAL_COPY_IN_SIZE_BYTES": "%d",
                        "TOTAL_COPY_OUT_SIZE_BYTES": "%d"%s
                    }
                }
                """.formatted(graph, totalNanos, kernelNanos(), copies.nanosIn(), copies.nanosOut(), copies.bytesIn(),
                copies.bytesOut(), kernelNanos.entrySet().stream()
                        .map(entry -> taskJson(entry.getKey(), entry.getValue())).collect(Collectors.joining()));
    }

    private static String taskJson(String task, long nanos) {
        return """
                ,
                        "%s": {
                            "TASK_KERNEL_TIME": "%d"
                        }""".formatted(task, nanos);
    }
}
