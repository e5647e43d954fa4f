package org.quantado.kernels.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.function.IntFunction;

import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Makes TornadoVM's arrays of memory that one has. Newer versions of the API have a method for it; in older ones, an empty
 * array is given the memory.
 *
 * @param <T> the type of array
 */
@FunctionalInterface
interface ArrayOfSegment<T extends TornadoNativeArray> {
    /**
     * The array that this memory is.
     *
     * @param memory with room for the header, and the number of elements in it
     */
    T of(MemorySegment memory);

    /** A way to make such arrays; empty if the API has none that is known. */
    static <T extends TornadoNativeArray> Optional<ArrayOfSegment<T>> find(Class<T> type, IntFunction<T> ofSize) {
        return byMethod(type).or(() -> byFields(type, ofSize));
    }

    private static <T extends TornadoNativeArray> Optional<ArrayOfSegment<T>> byMethod(Class<T> type) {
        try {
            MethodHandle method = MethodHandles.publicLookup().findStatic(type, "fromSegmentShallow",
                    MethodType.methodType(type, MemorySegment.class));
            return Optional.of(memory -> type.cast(call(method, memory)));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return Optional.empty();
        }
    }

    private static Object call(MethodHandle method, MemorySegment memory) {
        try {
            return method.invoke(memory);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T extends TornadoNativeArray> Optional<ArrayOfSegment<T>> byFields(Class<T> type,
            IntFunction<T> ofSize) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
            VarHandle segment = lookup.findVarHandle(type, "segment", MemorySegment.class);
            VarHandle elements = lookup.findVarHandle(type, "numberOfElements", int.class);
            VarHandle bytes = lookup.findVarHandle(type, "segmentByteSize", long.class);
            return Optional.of(memory -> {
                T array = ofSize.apply(0);
                segment.set(array, memory);
                elements.set(array,
                        (int) ((memory.byteSize() - TornadoNativeArray.ARRAY_HEADER) / array.getElementSize()));
                bytes.set(array, memory.byteSize());
                return array;
            });
        } catch (NoSuchFieldException | IllegalAccessException e) {
            return Optional.empty();
        }
    }
}
