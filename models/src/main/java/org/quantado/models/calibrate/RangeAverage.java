package org.quantado.models.calibrate;

import org.quantado.kernels.codec.ModelDtype;

/** The range of all samples, from that of each in their order. Not thread-safe. */
final class RangeAverage {
    /** How much a sample counts in a moving average. */
    private static final float AVERAGING = 0.01f;

    private final ActivationObserver observer;
    private final ModelDtype dtype;
    private float min;
    private float max;
    private boolean hasSamples;

    /** @param dtype of the values */
    RangeAverage(ActivationObserver observer, ModelDtype dtype) {
        this.observer = observer;
        this.dtype = dtype;
    }

    /** Takes the range of the next sample. */
    void add(Range next) {
        if (!hasSamples) {
            min = next.min();
            max = next.max();
        } else if (observer == ActivationObserver.STATIC_MINMAX) {
            min = Math.min(min, next.min());
            max = Math.max(max, next.max());
        } else {
            min = min * (1 - AVERAGING) + next.min() * AVERAGING;
            max = max * (1 - AVERAGING) + next.max() * AVERAGING;
        }
        hasSamples = true;
    }

    /** The smallest value, of the values' type. */
    float min() {
        return dtype.round(min);
    }

    /** The largest value, of the values' type. */
    float max() {
        return dtype.round(max);
    }

    /** Whether there were samples, with finite values only. */
    boolean isFinite() {
        return hasSamples && Float.isFinite(min) && Float.isFinite(max);
    }
}
