package org.quantado.kernels.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Zeros from the C library's {@code calloc}, whose pages the operating system hands out when they are first touched, to
 * whichever thread that is. The JVM's own allocation writes the zeros once more, on one thread, and so takes several times
 * as long as all that is done with a weight.
 *
 * <p>What nobody refers to any more is freed by garbage collections. These are asked for so often that no more is left over
 * than is in use, or half of what the heap may grow to.
 */
public final class FreshMemory {
    private static final Optional<FreshMemory> CALLS = find();
    private static final AtomicLong IN_USE = new AtomicLong();
    private static final long LITTLE = Runtime.getRuntime().maxMemory() / 2;
    /** Memory is freed a little after the collection that finds it. */
    private static final long SETTLING_NANOS = 5_000_000;
    private static final int SETTLINGS = 10;

    private static long collectAt = LITTLE;

    private final MethodHandle calloc;
    private final MethodHandle free;

    private FreshMemory(MethodHandle calloc, MethodHandle free) {
        this.calloc = calloc;
        this.free = free;
    }

    @SuppressWarnings("restricted")
    private static Optional<FreshMemory> find() {
        if (!FreshMemory.class.getModule().isNativeAccessEnabled()) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor calloc = FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG);
        FunctionDescriptor free = FunctionDescriptor.ofVoid(ValueLayout.ADDRESS);
        return linker.defaultLookup().find("calloc").flatMap(allocation -> linker.defaultLookup().find("free")
                .map(release -> new FreshMemory(linker.downcallHandle(allocation, calloc),
                        linker.downcallHandle(release, free))));
    }

    /** Bytes that were allocated here and not freed yet. */
    public static long bytesInUse() {
        return IN_USE.get();
    }

    /**
     * Memory of zeros, aligned for any element.
     *
     * @return empty where the C library may not be called, or has no such memory
     */
    static Optional<MemorySegment> allocate(long bytes) {
        return CALLS.flatMap(calls -> {
            collect(bytes);
            return calls.call(bytes);
        });
    }

    private static synchronized void collect(long bytes) {
        if (IN_USE.get() + bytes > collectAt) {
            System.gc();
            long before = IN_USE.get();
            for (int i = 0; i < SETTLINGS && IN_USE.get() == before; i++) {
                LockSupport.parkNanos(SETTLING_NANOS);
            }
            collectAt = LITTLE + 2 * IN_USE.get();
        }
    }

    @SuppressWarnings("restricted")
    private Optional<MemorySegment> call(long bytes) {
        MemorySegment found;
        try {
            found = (MemorySegment) calloc.invokeExact(1L, bytes);
        } catch (Throwable e) {
            throw new AssertionError("calloc throws nothing", e);
        }
        if (found.equals(MemorySegment.NULL)) {
            return Optional.empty();
        }
        IN_USE.addAndGet(bytes);
        return Optional.of(found.reinterpret(bytes, Arena.ofAuto(), memory -> release(memory, bytes)));
    }

    private void release(MemorySegment memory, long bytes) {
        try {
            free.invokeExact(memory);
        } catch (Throwable e) {
            throw new AssertionError("free throws nothing", e);
        }
        IN_USE.addAndGet(-bytes);
    }
}
