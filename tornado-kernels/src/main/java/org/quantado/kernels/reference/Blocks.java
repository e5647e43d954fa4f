package org.quantado.kernels.reference;

/** Consecutive blocks of equal size, and their extremes. */
final class Blocks {
    private Blocks() {
    }

    /**
     * How many blocks the values are.
     *
     * @throws IllegalArgumentException if they are not whole blocks
     */
    static int count(float[] values, int blockSize) {
        if (blockSize < 1 || values.length % blockSize != 0) {
            throw new IllegalArgumentException(
                    values.length + " values are not a whole number of blocks of " + blockSize);
        }
        return values.length / blockSize;
    }

    /** The largest magnitude of a block; NaN if one is. */
    static float amax(float[] values, int block, int blockSize) {
        float amax = 0.0f;
        for (int index = block * blockSize; index < (block + 1) * blockSize; index++) {
            amax = Math.max(amax, Math.abs(values[index]));
        }
        return amax;
    }

    /** The smallest value of a block; NaN if one is. */
    static float min(float[] values, int block, int blockSize) {
        float min = Float.POSITIVE_INFINITY;
        for (int index = block * blockSize; index < (block + 1) * blockSize; index++) {
            min = Math.min(min, values[index]);
        }
        return min;
    }

    /** The largest value of a block; NaN if one is. */
    static float max(float[] values, int block, int blockSize) {
        float max = Float.NEGATIVE_INFINITY;
        for (int index = block * blockSize; index < (block + 1) * blockSize; index++) {
            max = Math.max(max, values[index]);
        }
        return max;
    }
}
