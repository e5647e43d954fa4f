package org.quantado.kernels.matmul;

import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.IntFunction;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Arrays of weights that were copied into another layout, for the next weights of the same size. TornadoVM's arrays lie
 * outside of the heap and are freed by garbage collections alone, which they do not bring about until there is no more
 * memory for them: without this, what is left over from the layers of a model would pile up while it is loaded.
 *
 * <p>The arrays are held weakly, so that a garbage collection frees them as if they were not here.
 */
public final class UsedArrays {
    private static final UsedArrays INTS = new UsedArrays();
    private static final UsedArrays FLOATS = new UsedArrays();

    private final Map<Integer, Queue<WeakReference<TornadoNativeArray>>> bySize = new HashMap<>();

    private UsedArrays() {
    }

    /** An array of this size whose elements may be anything. */
    public static IntArray ints(int size) {
        return (IntArray) INTS.take(size, IntArray::new);
    }

    /** An array of this size whose elements may be anything. */
    public static FloatArray floats(int size) {
        return (FloatArray) FLOATS.take(size, FloatArray::new);
    }

    /** Takes the codes and scales of a matrix, which nobody may use any more. */
    public static void giveBack(QuantizedMatrix matrix) {
        INTS.give(matrix.words());
        FLOATS.give(matrix.scales());
    }

    private TornadoNativeArray take(int size, IntFunction<TornadoNativeArray> fresh) {
        TornadoNativeArray used = find(size);
        return used == null ? fresh.apply(size) : used;
    }

    private synchronized TornadoNativeArray find(int size) {
        Queue<WeakReference<TornadoNativeArray>> used = bySize.get(size);
        TornadoNativeArray found = null;
        while (found == null && used != null && !used.isEmpty()) {
            found = used.remove().get();
        }
        return found;
    }

    private synchronized void give(TornadoNativeArray array) {
        bySize.values().removeIf(used -> {
            used.removeIf(reference -> reference.get() == null);
            return used.isEmpty();
        });
        bySize.computeIfAbsent(array.getSize(), size -> new ArrayDeque<>()).add(new WeakReference<>(array));
    }
}
