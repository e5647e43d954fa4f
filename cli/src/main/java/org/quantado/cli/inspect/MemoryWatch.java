package org.quantado.cli.inspect;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;

import org.quantado.kernels.memory.FreshMemory;

/**
 * The most memory that something takes, beyond what was taken before: what the JVM has allocated outside of its heap, as
 * its buffer pool {@code direct} counts it, and Quantado itself, which is where weights are, and what the heap holds, garbage
 * included.
 *
 * <p>Both are looked at every millisecond. Pages of mapped files are the page cache's, and not counted.
 */
final class MemoryWatch implements AutoCloseable {
    private static final long INTERVAL_NANOS = 1_000_000;
    private static final long SETTLING_NANOS = 20_000_000;
    private static final BufferPoolMXBean OUTSIDE = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)
            .stream().filter(pool -> pool.getName().equals("direct")).findFirst().orElseThrow();

    private final long before;
    private final Thread watcher = new Thread(this::watch, "memory watch");
    private volatile boolean stopped;
    private long peak;

    /** Frees what nobody needs, and begins to watch. */
    MemoryWatch() {
        before = settled();
        peak = before;
        watcher.setDaemon(true);
        watcher.start();
    }

    /** What is in use when all garbage has gone, that outside of the heap included, which goes a little later. */
    @SuppressWarnings("ExplicitGarbageCollection")
    private static long settled() {
        long last = Long.MAX_VALUE;
        long used = used();
        while (used < last) {
            last = used;
            System.gc();
            LockSupport.parkNanos(SETTLING_NANOS);
            used = used();
        }
        return used;
    }

    private static long used() {
        return OUTSIDE.getMemoryUsed() + FreshMemory.bytesInUse()
                + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private void watch() {
        while (!stopped) {
            peak = Math.max(peak, used());
            LockSupport.parkNanos(INTERVAL_NANOS);
        }
    }

    /** Ends the watch and gives the most bytes that were in use beyond those before. */
    long peak() {
        close();
        return Math.max(peak, used()) - before;
    }

    @Override
    public void close() {
        stopped = true;
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
