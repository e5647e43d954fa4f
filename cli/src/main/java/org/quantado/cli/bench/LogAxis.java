package org.quantado.cli.bench;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A logarithmic axis of whole decades.
 *
 * @param first power of ten at its beginning
 * @param last power of ten at its end
 * @param start where it begins in the picture
 * @param end where it ends in the picture
 */
record LogAxis(int first, int last, double start, double end) {
    /** An axis of at least one decade that has room for all these values, which are positive. */
    static LogAxis over(DoubleStream values, double start, double end) {
        double[] logs = values.map(Math::log10).toArray();
        int first = (int) Math.floor(DoubleStream.of(logs).min().orElse(0));
        int last = (int) Math.ceil(DoubleStream.of(logs).max().orElse(1));
        return new LogAxis(first, Math.max(last, first + 1), start, end);
    }

    double min() {
        return Math.pow(10, first);
    }

    double max() {
        return Math.pow(10, last);
    }

    /** The powers of ten. */
    IntStream decades() {
        return IntStream.rangeClosed(first, last);
    }

    /** Where a value is in the picture. */
    double position(double value) {
        return start + (end - start) * (Math.log10(value) - first) / (last - first);
    }
}
