package org.quantado.host.memory;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.CharArray;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What a device can hold: TornadoVM's arrays, Java arrays of a primitive type, AtomicInteger, and objects whose fields
 * are such: vectors and collections of them, matrices, images, volumes, tensors, and the user's own.
 */
public final class DeviceObjects {
    private DeviceObjects() {
    }

    /** Whether {@code object} can live on the device. */
    public static boolean canHold(Object object) {
        return isArray(object) || object instanceof AtomicInteger || hasFields(object);
    }

    private static boolean isArray(Object object) {
        return switch (object) {
            case ByteArray _,CharArray _,ShortArray _,IntArray _,LongArray _ -> true;
            case FloatArray _,DoubleArray _,HalfFloatArray _ -> true;
            case byte[] _,char[] _,short[] _,int[] _,long[] _,float[] _,double[] _ -> true;
            default -> false;
        };
    }

    /** Whether the device holds {@code object} as the fields that it has. */
    static boolean hasFields(Object object) {
        return !(object instanceof KernelContext) && !isArray(object) && ObjectFields.areKnown(object.getClass());
    }

    /** A new object for the device with the same type and lengths, but nothing of the content. */
    static Object allocateLike(Object object) {
        return switch (object) {
            case ByteArray a -> new ByteArray(a.getSize());
            case CharArray a -> new CharArray(a.getSize());
            case ShortArray a -> new ShortArray(a.getSize());
            case IntArray a -> new IntArray(a.getSize());
            case LongArray a -> new LongArray(a.getSize());
            case FloatArray a -> new FloatArray(a.getSize());
            case DoubleArray a -> new DoubleArray(a.getSize());
            case HalfFloatArray a -> new HalfFloatArray(a.getSize());
            case AtomicInteger _ -> new AtomicInteger();
            case Object a when isArray(a) -> Array.newInstance(a.getClass().componentType(), Array.getLength(a));
            default -> ObjectFields.allocateLike(object);
        };
    }

    /** Copies the content of an object to another of the same type and lengths. */
    static void copy(Object from, Object to) {
        if (from instanceof AtomicInteger number) {
            ((AtomicInteger) to).set(number.get());
        } else if (isArray(from)) {
            elements(to).copyFrom(elements(from));
        } else {
            ObjectFields.copy(from, to);
        }
    }

    /** Sets every byte of an object's arrays. */
    static void fill(Object object, byte value) {
        if (isArray(object)) {
            elements(object).fill(value);
        } else if (!(object instanceof AtomicInteger)) {
            ObjectFields.held(object).forEach(part -> fill(part, value));
        }
    }

    /** Bytes of an object's arrays, without any header. */
    public static long bytes(Object object) {
        if (object instanceof AtomicInteger) {
            return Integer.BYTES;
        }
        return isArray(object)
                ? elements(object).byteSize()
                : ObjectFields.held(object).stream().mapToLong(DeviceObjects::bytes).sum();
    }

    /** How many elements an array has. */
    static int length(Object array) {
        return array instanceof TornadoNativeArray a ? a.getSize() : Array.getLength(array);
    }

    /** What the device has for {@code part}, an object that is in the fields of {@code host} or is that itself. */
    static Optional<Object> find(Object part, Object host, Object device) {
        return part == host ? Optional.of(device) : ObjectFields.find(part, host, device);
    }

    /** The elements of an array, or of an object that has one array; without any header. */
    static MemorySegment elements(Object array) {
        return switch (array) {
            case TornadoNativeArray a -> a.getSegment();
            case byte[] a -> MemorySegment.ofArray(a);
            case char[] a -> MemorySegment.ofArray(a);
            case short[] a -> MemorySegment.ofArray(a);
            case int[] a -> MemorySegment.ofArray(a);
            case long[] a -> MemorySegment.ofArray(a);
            case float[] a -> MemorySegment.ofArray(a);
            case double[] a -> MemorySegment.ofArray(a);
            case Object a when hasFields(a) && ObjectFields.held(a).size() == 1 ->
                elements(ObjectFields.held(a).getFirst());
            default -> throw new HostEngineException(
                    "a " + array.getClass().getName() + " is not an array that a device holds");
        };
    }

    /** The object's type and, for arrays, length, for messages: {@code FloatArray of 4096}. */
    public static String describe(Object object) {
        return switch (object) {
            case TornadoNativeArray a -> a.getClass().getSimpleName() + " of " + a.getSize();
            case Object a when isArray(a) ->
                a.getClass().componentType().getSimpleName() + "[" + Array.getLength(a) + "]";
            default -> object.getClass().getSimpleName();
        };
    }
}
