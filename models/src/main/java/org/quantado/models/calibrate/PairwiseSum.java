package org.quantado.models.calibrate;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BinaryOperator;

/**
 * Adds up what is given in the order of blocks, neighbours first: {@code ((0 + 1) + (2 + 3)) + ...}. Sums of a power of two
 * of blocks may be given in their place, and the result is the same to the bit. Not thread-safe.
 */
final class PairwiseSum<T> {
    private final BinaryOperator<T> plus;
    private final Deque<Partial<T>> partials = new ArrayDeque<>();

    /** A sum of so many blocks, a power of two. */
    private record Partial<T>(int width, T sum) {
    }

    /** @param plus the sum of an earlier and a later one, neither of which is used again */
    PairwiseSum(BinaryOperator<T> plus) {
        this.plus = plus;
    }

    /**
     * Adds the next one.
     *
     * @param width blocks that it is the sum of, a power of two; the last may be of fewer
     */
    void add(T next, int width) {
        Partial<T> sum = new Partial<>(width, next);
        while (!partials.isEmpty() && partials.getLast().width == sum.width) {
            sum = new Partial<>(2 * sum.width, plus.apply(partials.removeLast().sum, sum.sum));
        }
        partials.add(sum);
    }

    /**
     * The sum of all, of which there is one at least. It ends the sum.
     *
     * @throws java.util.NoSuchElementException if there is none
     */
    T total() {
        T total = partials.removeLast().sum;
        while (!partials.isEmpty()) {
            total = plus.apply(partials.removeLast().sum, total);
        }
        return total;
    }
}
