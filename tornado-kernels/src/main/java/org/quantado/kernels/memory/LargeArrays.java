package org.quantado.kernels.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Arrays of zeros, as their constructors give them, but where they are large in {@link FreshMemory}: so that the threads
 * that fill one are those that wait for its pages.
 */
public final class LargeArrays {
    /** Below this, an array is had in a few microseconds by its constructor, too. */
    private static final long LARGE_BYTES = 1 << 20;

    private static final Optional<ArrayOfSegment<IntArray>> INTS = ArrayOfSegment.find(IntArray.class, IntArray::new);
    private static final Optional<ArrayOfSegment<FloatArray>> FLOATS = ArrayOfSegment.find(FloatArray.class,
            FloatArray::new);

    private LargeArrays() {
    }

    /** So many zeros. */
    public static IntArray ints(int size) {
        return large(INTS, size).orElseGet(() -> new IntArray(size));
    }

    /** So many zeros. */
    public static FloatArray floats(int size) {
        return large(FLOATS, size).orElseGet(() -> new FloatArray(size));
    }

    private static <T extends TornadoNativeArray> Optional<T> large(Optional<ArrayOfSegment<T>> arrays, int size) {
        long bytes = TornadoNativeArray.ARRAY_HEADER + (long) size * Integer.BYTES;
        if (bytes < LARGE_BYTES || arrays.isEmpty()) {
            return Optional.empty();
        }
        Optional<MemorySegment> memory = FreshMemory.allocate(bytes);
        memory.ifPresent(header -> header.set(ValueLayout.JAVA_INT, 0, size));
        return memory.map(arrays.get()::of);
    }
}
