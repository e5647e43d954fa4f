package org.quantado.models.calibrate;

import java.io.Serializable;
import java.util.Arrays;

/**
 * What channels are scaled by.
 *
 * @param values {@code [K]}
 */
@SuppressWarnings("ArrayRecordComponent") // compared below
record Scales(float[] values) implements Serializable {
    @Override
    public boolean equals(Object other) {
        return other instanceof Scales scales && Arrays.equals(values, scales.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }
}
