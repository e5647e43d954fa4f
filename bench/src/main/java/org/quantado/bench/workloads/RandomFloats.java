package org.quantado.bench.workloads;

import java.util.SplittableRandom;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Inputs, the same in every run. */
public final class RandomFloats {
    private RandomFloats() {
    }

    /** Uniform from -0.5 to 0.5. */
    public static FloatArray centered(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        FloatArray values = new FloatArray(count);
        for (int i = 0; i < count; i++) {
            values.set(i, (float) (random.nextDouble() - 0.5));
        }
        return values;
    }
}
