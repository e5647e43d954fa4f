package org.quantado.kernels.attention;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * All keys, or all values, in a plain array: floats, or words of codes. The other array has one element.
 *
 * @param floats those of {@link KvFormat#F32}
 * @param codes those of other formats
 */
record KvWords(FloatArray floats, IntArray codes) {
    static KvWords allocate(KvFormat format, int size) {
        return format == KvFormat.F32
                ? new KvWords(new FloatArray(size), new IntArray(1))
                : new KvWords(new FloatArray(1), new IntArray(size));
    }
}
