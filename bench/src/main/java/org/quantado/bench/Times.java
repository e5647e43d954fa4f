package org.quantado.bench;

import java.util.Arrays;

/**
 * Times of the repetitions of one thing, in ns.
 *
 * @param best the shortest: what it takes when nothing else runs
 * @param median half of them took longer
 * @param repetitions how many there were
 */
public record Times(long best, long median, int repetitions) {
    /** Of at least one repetition. */
    static Times of(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Times(sorted[0], sorted[sorted.length / 2], sorted.length);
    }
}
