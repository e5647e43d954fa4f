package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A step function from floats to codes, held as the sorted values at which it steps.
 *
 * <p>
 * Entry {@code c} is the largest float whose code is at most {@code c}, so the code of a value is the number of
 * entries below it: {@link #rank}. Rounding to nearest with ties to even, rounding up to a power of two, and
 * saturation are then all the same search over different tables, and comparisons are its only arithmetic.
 */
public final class Thresholds {
    private Thresholds() {
    }

    /**
     * How many of the first {@code size} thresholds lie strictly below {@code value}. Kernel-usable.
     *
     * @param thresholds ascending; entries after the last step are +Inf
     * @param size a power of two; entry {@code size - 1} is taken to be +Inf
     * @param value the value to place; NaN has rank 0
     * @return 0 to {@code size - 1}
     */
    public static int rank(FloatArray thresholds, int size, float value) {
        int rank = 0;
        for (int step = size / 2; step > 0; step = step / 2) {
            rank = rank + (thresholds.get(rank + step - 1) < value ? step : 0);
        }
        return rank;
    }

    /**
     * Thresholds of rounding to the nearest of {@code values}, halfway cases to the value of even index.
     *
     * @param values ascending, not negative, each pair's midpoint exactly representable
     * @return {@code values.length - 1} thresholds, padded
     */
    static FloatArray toNearestEven(float[] values) {
        float[] steps = new float[values.length - 1];
        for (int code = 0; code < steps.length; code++) {
            float midpoint = values[code] + (values[code + 1] - values[code]) / 2;
            boolean tieStaysHere = code % 2 == 0;
            steps[code] = tieStaysHere ? midpoint : Math.nextDown(midpoint);
        }
        return padded(steps);
    }

    /** The steps followed by at least one +Inf, as many as make the size a power of two. */
    static FloatArray padded(float[] steps) {
        FloatArray thresholds = new FloatArray(Integer.highestOneBit(steps.length) * 2);
        thresholds.init(Float.POSITIVE_INFINITY);
        for (int code = 0; code < steps.length; code++) {
            thresholds.set(code, steps[code]);
        }
        return thresholds;
    }

    /** A copy, so that no caller can change a codec's own table. */
    static FloatArray copyOf(FloatArray table) {
        return FloatArray.fromArray(table.toHeapArray());
    }
}
