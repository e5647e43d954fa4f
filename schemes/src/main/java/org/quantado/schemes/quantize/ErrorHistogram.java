package org.quantado.schemes.quantize;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many errors there are of each magnitude: four bins to a power of two.
 * <p>
 * Counts do not depend on the order in which errors are added, so that the work can be shared among threads.
 */
final class ErrorHistogram {
    /** Bits of a float below its exponent and the two bits that tell quarters of a power of two. */
    private static final int DROPPED_BITS = 21;

    private final long[] counts = new long[1 << (Integer.SIZE - 1 - DROPPED_BITS)];

    void add(float error) {
        counts[Float.floatToRawIntBits(Math.abs(error)) >>> DROPPED_BITS]++;
    }

    void add(ErrorHistogram other) {
        for (int bin = 0; bin < counts.length; bin++) {
            counts[bin] += other.counts[bin];
        }
    }

    /** Counts by the lower edge of the bin; the bin of errors that are 0 has the edge 0. Empty bins are left out. */
    SortedMap<Float, Long> bins() {
        SortedMap<Float, Long> bins = new TreeMap<>();
        for (int bin = 0; bin < counts.length; bin++) {
            if (counts[bin] > 0) {
                bins.put(Float.intBitsToFloat(bin << DROPPED_BITS), counts[bin]);
            }
        }
        return bins;
    }
}
