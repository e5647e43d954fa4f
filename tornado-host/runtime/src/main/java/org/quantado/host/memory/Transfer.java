package org.quantado.host.memory;

/** What a TaskGraph says about one of its arrays; it may say several of these. */
public enum Transfer {
    /** {@code transferToDevice(EVERY_EXECUTION)}. */
    IN_EVERY_EXECUTION,
    /** {@code transferToDevice(FIRST_EXECUTION)}: copied in once, and again after the device's memory was freed. */
    IN_FIRST_EXECUTION,
    /** {@code transferToDevice(UNDER_DEMAND)}: TornadoVM gives the array memory, and never copies into it. */
    IN_UNDER_DEMAND,
    /** {@code transferToHost(EVERY_EXECUTION)}. */
    OUT_EVERY_EXECUTION,
    /** {@code persistOnDevice} or {@code transferToHost(UNDER_DEMAND)}. */
    PERSIST,
    /** {@code consumeFromDevice}: the memory of the graph that was executed before. */
    CONSUME
}
