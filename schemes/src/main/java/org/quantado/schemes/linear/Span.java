package org.quantado.schemes.linear;

/**
 * A range of a layer's outputs or inputs.
 *
 * @param from the first
 * @param to after the last
 */
record Span(int from, int to) {
    static Span of(int size) {
        return new Span(0, size);
    }

    /** Part {@code rank} of {@code size} equal parts of {@code total}. */
    static Span part(int total, int rank, int size) {
        int length = total / size;
        return new Span(rank * length, (rank + 1) * length);
    }

    int length() {
        return to - from;
    }
}
