package org.quantado.kernels.graph;

/** Something whose executions TornadoVM's profiler can time. */
public interface Profiled {
    /** From now on {@link #takeTimes} says what executions took, or no longer; they take a little longer for it. */
    void profile(boolean on);

    /** What the executions since the last call of this took on the device, all together. */
    GraphTimes takeTimes();
}
