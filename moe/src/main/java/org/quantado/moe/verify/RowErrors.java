package org.quantado.moe.verify;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * How far rows are from their reference.
 *
 * @param worstError largest error of a row as a fraction of what is tolerated for it; up to 1 is within tolerance
 * @param sqnr signal to noise, in dB; infinite where they are equal
 */
record RowErrors(double worstError, double sqnr) {
    /**
     * @param expected {@code [T, width]}
     * @param tolerance as a fraction of the largest magnitude of a row
     */
    static RowErrors of(FloatArray found, float[] expected, int width, double tolerance) {
        double worst = 0;
        double signal = 0;
        double noise = 0;
        for (int first = 0; first < expected.length; first += width) {
            double largest = 0;
            double error = 0;
            for (int i = first; i < first + width; i++) {
                double difference = Math.abs(found.get(i) - (double) expected[i]);
                error = Math.max(error, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
                largest = Math.max(largest, Math.abs(expected[i]));
                signal += expected[i] * (double) expected[i];
                noise += difference * difference;
            }
            worst = Math.max(worst, error == 0 ? 0 : error / (tolerance * largest));
        }
        return new RowErrors(worst, 10 * Math.log10(signal / noise));
    }
}
