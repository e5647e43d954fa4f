package org.quantado.host.memory;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.CharArray;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.collections.TornadoCollectionInterface;

/**
 * What the engine asks of an array that a task is given: a TornadoVM native array, a vector collection, or a Java
 * array of a primitive type.
 */
public final class ArrayArgument {
    private ArrayArgument() {
    }

    /** Whether {@code argument} is an array that can live on the device. */
    public static boolean isArray(Object argument) {
        return switch (argument) {
            case ByteArray _,CharArray _,ShortArray _,IntArray _,LongArray _ -> true;
            case FloatArray _,DoubleArray _,HalfFloatArray _ -> true;
            case TornadoCollectionInterface<?> _ -> true;
            case byte[] _,char[] _,short[] _,int[] _,long[] _,float[] _,double[] _ -> true;
            default -> false;
        };
    }

    /** The array's elements, without any header. */
    static MemorySegment elements(Object array) {
        return switch (array) {
            case TornadoNativeArray a -> a.getSegment();
            case TornadoCollectionInterface<?> a -> a.getSegment();
            case byte[] a -> MemorySegment.ofArray(a);
            case char[] a -> MemorySegment.ofArray(a);
            case short[] a -> MemorySegment.ofArray(a);
            case int[] a -> MemorySegment.ofArray(a);
            case long[] a -> MemorySegment.ofArray(a);
            case float[] a -> MemorySegment.ofArray(a);
            case double[] a -> MemorySegment.ofArray(a);
            default -> throw notAnArray(array);
        };
    }

    /** A new array of the same type and length. */
    static Object allocateLike(Object array) {
        return switch (array) {
            case ByteArray a -> new ByteArray(a.getSize());
            case CharArray a -> new CharArray(a.getSize());
            case ShortArray a -> new ShortArray(a.getSize());
            case IntArray a -> new IntArray(a.getSize());
            case LongArray a -> new LongArray(a.getSize());
            case FloatArray a -> new FloatArray(a.getSize());
            case DoubleArray a -> new DoubleArray(a.getSize());
            case HalfFloatArray a -> new HalfFloatArray(a.getSize());
            case TornadoCollectionInterface<?> a -> newCollection(a.getClass(), collectionLength(a));
            case Object a when isArray(a) ->
                Array.newInstance(a.getClass().componentType(), Array.getLength(a));
            default -> throw notAnArray(array);
        };
    }

    /** The array's type and length, for messages: {@code FloatArray of 4096}. */
    public static String describe(Object argument) {
        return switch (argument) {
            case TornadoNativeArray a -> a.getClass().getSimpleName() + " of " + a.getSize();
            case TornadoCollectionInterface<?> a ->
                a.getClass().getSimpleName() + " of " + collectionLength(a);
            case Object a when isArray(a) ->
                a.getClass().componentType().getSimpleName() + "[" + Array.getLength(a) + "]";
            default -> argument.getClass().getSimpleName();
        };
    }

    /** Every collection has a constructor for a number of vectors and tells that number; no interface says so. */
    private static Object newCollection(Class<?> type, int length) {
        try {
            return type.getConstructor(int.class).newInstance(length);
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException("cannot allocate a " + type.getSimpleName() + " of " + length, e);
        }
    }

    private static int collectionLength(TornadoCollectionInterface<?> collection) {
        try {
            return (int) collection.getClass().getMethod("getLength").invoke(collection);
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException(
                    "cannot tell the length of a " + collection.getClass().getSimpleName(), e);
        }
    }

    private static HostEngineException notAnArray(Object argument) {
        return new HostEngineException(
                "a " + argument.getClass().getName() + " is not an array that a device holds");
    }
}
