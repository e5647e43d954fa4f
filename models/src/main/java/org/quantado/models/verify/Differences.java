package org.quantado.models.verify;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** How far rows are from those that are expected. */
final class Differences {
    /** Of float arithmetic, measured between implementations: up to 6e-5. */
    static final double TOLERANCE = 1e-4;

    private final float[] expected;
    private final int width;
    private double largest;
    private double signal;
    private double noise;
    private int rows;
    private int rowsAside;
    private double divergence;

    /** @param expected {@code [T, width]} */
    Differences(float[] expected, int width) {
        this.expected = expected;
        this.width = width;
    }

    /**
     * Compares some rows.
     *
     * @param first number of the first of them
     * @param found {@code [count, width]} or more
     */
    void add(int first, int count, FloatArray found) {
        for (int row = 0; row < count; row++) {
            double ofRow = 0;
            for (int i = 0; i < width; i++) {
                double want = expected[(first + row) * width + i];
                double difference = Math.abs(found.get(row * width + i) - want);
                ofRow = Math.max(ofRow, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
                signal += want * want;
                noise += difference * difference;
            }
            largest = Math.max(largest, ofRow);
            rows++;
            rowsAside += ofRow > TOLERANCE ? 1 : 0;
            divergence += divergence(found, row * width, (first + row) * width);
        }
    }

    /** Kullback-Leibler divergence of the softmax of a row from that of the expected one. */
    private double divergence(FloatArray found, int at, int expectedAt) {
        double foundSum = 0;
        double expectedSum = 0;
        double foundMax = Double.NEGATIVE_INFINITY;
        double expectedMax = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < width; i++) {
            foundMax = Math.max(foundMax, found.get(at + i));
            expectedMax = Math.max(expectedMax, expected[expectedAt + i]);
        }
        for (int i = 0; i < width; i++) {
            foundSum += Math.exp(found.get(at + i) - foundMax);
            expectedSum += Math.exp(expected[expectedAt + i] - expectedMax);
        }
        double result = 0;
        for (int i = 0; i < width; i++) {
            double expectedLog = expected[expectedAt + i] - expectedMax - Math.log(expectedSum);
            double foundLog = found.get(at + i) - foundMax - Math.log(foundSum);
            result += Math.exp(expectedLog) * (expectedLog - foundLog);
        }
        return result;
    }

    /** The largest difference, as a fraction of what is tolerated. */
    double worst() {
        return largest / TOLERANCE;
    }

    /**
     * Of rows that may have an activation on another side of a boundary, which moves all later ones: whether most rows are
     * within the tolerance, or the divergence is small beside that of quantization itself.
     *
     * @param allowed mean divergence
     */
    double worstOfMost(double allowed) {
        double share = 2.0 * rowsAside / rows;
        return Math.min(share, divergence / rows / allowed);
    }

    /** Signal to noise, in dB. */
    double sqnr() {
        return 10 * Math.log10(signal / noise);
    }

    int rows() {
        return rows;
    }

    int width() {
        return width;
    }
}
