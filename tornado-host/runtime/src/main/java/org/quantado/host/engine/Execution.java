package org.quantado.host.engine;

import org.quantado.host.memory.CopyMeter;

/** Where the time of a graph's last execution went, in ns, and how many bytes were copied. */
final class Execution {
    private final CopyMeter copies = new CopyMeter();
    private final long start = System.nanoTime();
    private long kernelNanos;
    private long totalNanos;

    CopyMeter copies() {
        return copies;
    }

    void timeKernel(Runnable kernel) {
        long before = System.nanoTime();
        kernel.run();
        kernelNanos += System.nanoTime() - before;
    }

    void end() {
        totalNanos = System.nanoTime() - start;
    }

    long kernelNanos() {
        return kernelNanos;
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
                        "TOTAL_COPY_OUT_SIZE_BYTES": "%d"
                    }
                }
                """.formatted(graph, totalNanos, kernelNanos, copies.nanosIn(), copies.nanosOut(),
                copies.bytesIn(),
                copies.bytesOut());
    }
}
