package org.quantado.bench.timing;

import java.util.List;

/**
 * Times of the repetitions of one thing, in ns.
 *
 * @param best the shortest: what it takes when nothing else runs
 * @param median half of them took longer
 * @param repetitions how many there were
 */
public record Times(long best, long median, int repetitions) {
    /** Of at least one repetition. */
    static Times of(List<Long> nanos) {
        List<Long> sorted = nanos.stream().sorted().toList();
        return new Times(sorted.getFirst(), sorted.get(sorted.size() / 2), sorted.size());
    }
}
