package org.quantado.models.calibrate;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.quantize.Grid;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Finds the range of the values of a sample. Not thread-safe. */
final class SampleRange {
    /** The narrowest range that is tried, as a share of the widest, is one percent more than this. */
    private static final int LARGEST_SHRINK = 20;
    /** How many narrower ranges in a row may be no better. */
    private static final int PATIENCE = 5;
    private static final float PERCENT = 100;
    private static final double NORM = 2.4;
    /** Values whose errors a core adds up, so that the sum does not depend on how many cores there are. */
    private static final int PART = 1 << 14;

    private final ActivationObserver observer;
    private final ModelDtype dtype;
    private final Optional<Grid> grid;
    private float[] values = new float[0];
    private int size;
    private float min = Float.POSITIVE_INFINITY;
    private float max = Float.NEGATIVE_INFINITY;

    /**
     * @param dtype that values are rounded to
     * @param grid whose errors count, where the observer looks at them
     */
    SampleRange(ActivationObserver observer, ModelDtype dtype, Optional<Grid> grid) {
        this.observer = observer;
        this.dtype = dtype;
        this.grid = grid;
    }

    /**
     * Shows values of a sample.
     *
     * @param rows {@code [>= count, width]}
     * @param first column
     * @param columns how many from there on
     */
    void add(FloatArray rows, int count, int width, int first, int columns) {
        for (int row = 0; row < count; row++) {
            for (int k = first; k < first + columns; k++) {
                float value = dtype.round(rows.get(row * width + k));
                min = Math.min(min, value);
                max = Math.max(max, value);
                if (observer == ActivationObserver.MSE) {
                    keep(value);
                }
            }
        }
    }

    private void keep(float value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.max(1024, Math.multiplyExact(2, size)));
        }
        values[size++] = value;
    }

    /** The range of the sample, which is complete; the next one begins. */
    Range end() {
        float factor = observer == ActivationObserver.MSE ? bestFactor() : 1;
        Range range = new Range(min * factor, max * factor);
        size = 0;
        min = Float.POSITIVE_INFINITY;
        max = Float.NEGATIVE_INFINITY;
        return range;
    }

    private float bestFactor() {
        float best = 1;
        double least = Double.POSITIVE_INFINITY;
        int worse = 0;
        for (int shrink = 0; shrink < LARGEST_SHRINK && worse < PATIENCE; shrink++) {
            float factor = 1 - shrink / PERCENT;
            double error = error(min * factor, max * factor);
            if (error < least) {
                least = error;
                best = factor;
                worse = 0;
            } else {
                worse++;
            }
        }
        return best;
    }

    private double error(float from, float to) {
        Grid some = grid.orElseThrow();
        float scale = some.scale(from, to);
        int zeroPoint = some.zeroPoint(from, to);
        double[] parts = IntStream.range(0, Math.ceilDiv(size, PART)).parallel().mapToDouble(part -> {
            double sum = 0;
            for (int i = part * PART; i < Math.min(size, (part + 1) * PART); i++) {
                double error = some.decode(some.encode(values[i], scale, zeroPoint), scale, zeroPoint) - values[i];
                sum += Math.pow(Math.abs(error), NORM);
            }
            return sum;
        }).toArray();
        return Arrays.stream(parts).sum();
    }
}
