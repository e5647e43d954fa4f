package org.quantado.kernels.attention;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/**
 * Kernels that put keys and values where {@link CpuAttention} reads them; their arguments are those of
 * {@link AppendKernels}. A vector of keys has 16 positions: the first of the neighbouring rows that stand there puts them
 * all.
 */
final class CpuAppend {
    private CpuAppend() {
    }

    /** 1 if row r stands in the same vectors as row m. */
    private static int sameVectors(IntArray places, int m, int r) {
        int sequence = places.get(2 * m) == places.get(2 * r) ? 1 : 0;
        int block = places.get(2 * m + 1) / 16 == places.get(2 * r + 1) / 16 ? 1 : 0;
        return sequence * block;
    }

    /** How many rows from m on stand in the same vectors; none if row m is not the first that does. */
    private static int run(IntArray places, IntArray shape, int m) {
        int isFirst = 1;
        if (m > 0) {
            isFirst = 1 - sameVectors(places, m, m - 1);
        }
        int length = isFirst;
        int same = isFirst;
        for (int r = m + 1; r < Math.min(shape.get(0), m + 16); r++) {
            same = same * sameVectors(places, m, r);
            length += same;
        }
        return length;
    }

    static void appendKeys(FloatArray x, IntArray from, IntArray places, IntArray layer, IntArray shape, IntArray sizes,
            VectorFloat16 cache) {
        for (@Parallel int e = 0; e < from.get(1) * from.get(2); e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int size = from.get(2);
                int h = e / size;
                int i = e % size;
                int sequence = layer.get(0) * sizes.get(0) + places.get(2 * m);
                int at = ((sequence * from.get(1) + h) * (sizes.get(1) / 16) + places.get(2 * m + 1) / 16) * size + i;
                int end = m + run(places, shape, m);
                float[] lanes = new float[16];
                for (int once = m; once < end; once += 16) {
                    CpuVectors.store(cache.get(at), lanes, 0);
                    for (int r = m; r < end; r++) {
                        lanes[places.get(2 * r + 1) % 16] = x.get(r * from.get(4) + from.get(0) + h * from.get(3) + i);
                    }
                    cache.set(at, CpuVectors.load(lanes, 0));
                }
            }
        }
    }

    static void appendValues(FloatArray x, IntArray from, IntArray places, IntArray layer, IntArray shape,
            IntArray sizes,
            VectorFloat16 cache) {
        for (@Parallel int e = 0; e < from.get(1) * from.get(2) / 16; e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int vectors = from.get(2) / 16;
                int h = e / vectors;
                int v = e % vectors;
                int first = m * from.get(4) + from.get(0) + h * from.get(3) + 16 * v;
                int sequence = layer.get(0) * sizes.get(0) + places.get(2 * m);
                Float16 elements = new Float16();
                for (int i = 0; i < 16; i++) {
                    elements.set(i, x.get(first + i));
                }
                cache.set(((sequence * from.get(1) + h) * sizes.get(1) + places.get(2 * m + 1)) * vectors + v,
                        elements);
            }
        }
    }
}
