package org.quantado.schemes.quantize;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * How far the quantized weight of a layer is from the weight.
 *
 * @param layer name of the layer
 * @param group name of the config group
 * @param rows outputs of the layer
 * @param columns inputs of the layer
 * @param rms root of the mean square of the weights
 * @param sqnr signal to quantization noise ratio in dB, infinite where nothing was lost
 * @param maxError largest magnitude of an error
 * @param worstChannels the outputs with the lowest ratio, the lowest first
 * @param histogram how many errors there are from each magnitude to the next; 0 stands for itself
 * @param outputs what it does to the outputs on samples of a text, if that was measured
 */
public record LayerError(String layer, String group, int rows, int columns, double rms, double sqnr, float maxError,
        List<Channel> worstChannels, SortedMap<Float, Long> histogram, Optional<Outputs> outputs) {
    private static final int WORST_CHANNELS = 8;
    private static final double DECIBELS = 10;

    public LayerError {
        worstChannels = List.copyOf(worstChannels);
    }

    /**
     * How far outputs of the layer are from what they were, weighted by what its inputs were: roots of mean squares of
     * errors, as shares of that of the outputs.
     *
     * @param error of the quantized weight
     * @param nearest of the input's weight rounded to nearest, which is what other methods are to beat
     * @param nearestSqnr signal to quantization noise ratio of the latter weight in dB
     */
    public record Outputs(double error, double nearest, double nearestSqnr) {
    }

    /** The same with what was measured of the outputs. */
    public LayerError with(Outputs measured) {
        return new LayerError(layer, group, rows, columns, rms, sqnr, maxError, worstChannels, histogram,
                Optional.of(measured));
    }

    /** Root of the mean square of the errors, as a share of that of the weights. */
    public double relativeError() {
        return Math.pow(DECIBELS, -sqnr / (2 * DECIBELS));
    }

    /** Largest magnitude of an error, as a share of the root of the mean square of the weights. */
    public double relativeMaxError() {
        return maxError == 0 ? 0 : maxError / rms;
    }

    /**
     * The error of one output channel.
     *
     * @param row which
     * @param sqnr of it alone, in dB
     * @param maxError largest magnitude of an error
     */
    public record Channel(int row, double sqnr, float maxError) {
    }

    /**
     * The error of a layer, from what was found row by row.
     *
     * @param signal sums of squares of the weights, {@code [rows]}
     * @param noise sums of squares of the errors, {@code [rows]}
     * @param maxErrors largest magnitudes of errors, {@code [rows]}
     */
    static LayerError of(String layer, String group, int columns, double[] signal, double[] noise,
            float[] maxErrors, ErrorHistogram histogram) {
        double allSignal = 0;
        double allNoise = 0;
        float maxError = 0;
        for (int row = 0; row < signal.length; row++) {
            allSignal += signal[row];
            allNoise += noise[row];
            maxError = Math.max(maxError, maxErrors[row]);
        }
        List<Channel> worst = IntStream.range(0, signal.length)
                .mapToObj(row -> new Channel(row, sqnr(signal[row], noise[row]), maxErrors[row]))
                .sorted(Comparator.comparingDouble(Channel::sqnr).thenComparingInt(Channel::row))
                .limit(WORST_CHANNELS).toList();
        double rms = Math.sqrt(allSignal / ((double) signal.length * columns));
        return new LayerError(layer, group, signal.length, columns, rms, sqnr(allSignal, allNoise), maxError, worst,
                histogram.bins(), Optional.empty());
    }

    private static double sqnr(double signal, double noise) {
        return noise == 0 ? Double.POSITIVE_INFINITY : DECIBELS * Math.log10(signal / noise);
    }
}
