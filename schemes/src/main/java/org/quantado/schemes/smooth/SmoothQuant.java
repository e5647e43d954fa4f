package org.quantado.schemes.smooth;

import java.io.Serializable;
import java.util.List;
import org.quantado.schemes.quantize.FloatWeight;

/**
 * SmoothQuant (Xiao et al. 2022, arXiv 2211.10438): {@code s = max(range^a / (2 max |W|)^(1 - a), 1e-5)} for each input
 * channel, where range is that of its inputs, from the smallest to the largest, and {@code max |W|} is over all outputs of
 * all layers that read it; a channel whose weights are all 0 has its range for a scale.
 *
 * @param strength a, from 0 to 1: how much of what is hard about the inputs is taken over by the weights
 */
public record SmoothQuant(double strength) implements Serializable {
    /** llm-compressor's default. */
    public static final SmoothQuant DEFAULT = new SmoothQuant(0.5);

    private static final double LEAST = 1e-5;

    /** @throws IllegalArgumentException if the strength is out of range */
    public SmoothQuant {
        if (!(strength >= 0 && strength <= 1)) {
            throw new IllegalArgumentException("SmoothQuant's strength: found " + strength + ", expected 0 to 1");
        }
    }

    /**
     * The scales.
     *
     * @param layers the weights that read the channels, at least one
     * @param ranges {@link ChannelStatistics#ranges} of their inputs {@code [K]}
     * @return by which the columns of these weights are multiplied, and the channels before them divided {@code [K]}
     */
    public float[] scales(List<FloatWeight> layers, float[] ranges) {
        Channels.requireSame(layers, ranges);
        float[] scales = new float[ranges.length];
        for (int k = 0; k < scales.length; k++) {
            float amax = 0;
            for (FloatWeight layer : layers) {
                for (int row = 0; row < layer.rows(); row++) {
                    amax = Math.max(amax, Math.abs(layer.get(row, k)));
                }
            }
            double scale = amax == 0 ? ranges[k] : Math.pow(ranges[k], strength) / Math.pow(2.0 * amax, 1 - strength);
            scales[k] = (float) Math.max(scale, LEAST);
        }
        return scales;
    }
}
