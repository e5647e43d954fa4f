package org.quantado.schemes.smooth;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.quantize.Blocking;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.Observer;
import org.quantado.schemes.quantize.QuantizeException;
import org.quantado.schemes.quantize.RoundedWeight;
import org.quantado.schemes.quantize.ScaleSearch;
import org.quantado.schemes.quantize.WeightRounding;

/**
 * AWQ (Lin et al. 2023, arXiv 2306.00978) as llm-compressor searches: of scales
 * {@code s = max(|x|^r / (|w|^(1 - r) + 1e-4), 1e-4)}, divided by the root of their largest times their smallest, those are
 * chosen with which the outputs of a module miss least when its weights are quantized. |x| is the mean magnitude of an
 * input channel; |w| that of its weights as shares of the largest of their block, over all outputs of all layers.
 * There is no search for clipping: llm-compressor has none.
 *
 * @param gridPoints proposals that are tried
 * @param duoScaling whether |w| counts, or is 1
 */
public record Awq(int gridPoints, DuoScaling duoScaling) implements Serializable {
    /** llm-compressor's defaults. */
    public static final Awq DEFAULT = new Awq(20, DuoScaling.ON);

    /** The fewest proposals of which each way to scale has two: the ends of the ratios. */
    private static final int FEWEST = 4;

    private static final double LEAST = 1e-4;
    private static final float LEAST_AMAX = 1e-6f;

    /** @throws IllegalArgumentException if there are too few grid points */
    public Awq {
        if (gridPoints < FEWEST) {
            throw new IllegalArgumentException(
                    "AWQ's grid points: found " + gridPoints + ", expected at least " + FEWEST);
        }
    }

    /** How often a search asks for the error of outputs. */
    public int proposals() {
        return duoScaling.proposals(gridPoints).size();
    }

    /** A point of the grid. */
    record Proposal(double ratio, boolean duoScaling) {
    }

    /** What is lost of a module that the layers belong to, such as an attention; of the only layer itself. */
    @FunctionalInterface
    public interface OutputError {
        /**
         * Runs all samples.
         *
         * @param weights to run with in place of the layers' own, in their order: quantized, on the scale of the own ones
         * @return mean square of the differences between the module's outputs and those with its own weights
         */
        double of(List<FloatWeight> weights);
    }

    /**
     * Searches.
     *
     * @param layers that read the channels
     * @param meanMagnitudes {@link ChannelStatistics#meanMagnitudes} of their inputs {@code [K]}
     * @throws QuantizeException if no proposal gives outputs that are finite, or a tensor has a single scale
     */
    public AwqChoice search(List<BalancedLayer> layers, float[] meanMagnitudes, OutputError error) {
        List<float[]> proposed = proposed(layers, meanMagnitudes);
        return choose(layers, proposed,
                proposed.stream().mapToDouble(scales -> error.of(quantized(layers, scales))).toArray());
    }

    /**
     * The scales that are tried, of each proposal.
     *
     * @param layers that read the channels
     * @param meanMagnitudes {@link ChannelStatistics#meanMagnitudes} of their inputs {@code [K]}
     * @throws QuantizeException if a tensor has a single scale
     */
    public List<float[]> proposed(List<BalancedLayer> layers, float[] meanMagnitudes) {
        Channels.requireSame(layers.stream().map(BalancedLayer::weight).toList(), meanMagnitudes);
        double[] weightMeans = duoScaling == DuoScaling.OFF ? new double[0] : weightMeans(layers);
        return duoScaling.proposals(gridPoints).stream()
                .map(proposal -> scales(proposal, meanMagnitudes, weightMeans)).toList();
    }

    /**
     * The best of the scales that were tried.
     *
     * @param layers that read the channels
     * @param proposed the scales of each proposal
     * @param errors of the outputs with each of them
     * @throws QuantizeException if no proposal gives outputs that are finite
     */
    public AwqChoice choose(List<BalancedLayer> layers, List<float[]> proposed, double... errors) {
        int best = -1;
        for (int point = 0; point < errors.length; point++) {
            if (errors[point] < (best < 0 ? Double.POSITIVE_INFINITY : errors[best])) {
                best = point;
            }
        }
        if (best < 0) {
            throw new QuantizeException("AWQ of " + layers.getFirst().weight().name()
                    + ": found no scales with which outputs are finite, expected finite activations");
        }
        Proposal proposal = duoScaling.proposals(gridPoints).get(best);
        return new AwqChoice(best, proposal.ratio, proposal.duoScaling, proposed.get(best), errors[0], errors[best]);
    }

    /** Means over all rows of all layers of the magnitudes of a column, as shares of the largest of their blocks. */
    private static double[] weightMeans(List<BalancedLayer> layers) {
        double[] sums = new double[layers.getFirst().weight().columns()];
        long rows = 0;
        for (BalancedLayer layer : layers) {
            if (layer.scheme().isPresent()) {
                FloatWeight weight = layer.weight();
                if (layer.scheme().get().weights().strategy() == QuantizationStrategy.TENSOR) {
                    throw new QuantizeException(weight.name()
                            + ": found one scale for the tensor, expected one for a channel, group or block, as AWQ's duo"
                            + " scaling needs");
                }
                addShares(weight, layer.scheme().get().blocking(weight.rows(), weight.columns()), sums);
                rows += weight.rows();
            }
        }
        for (int k = 0; k < sums.length; k++) {
            sums[k] /= rows;
        }
        return sums;
    }

    private static void addShares(FloatWeight weight, Blocking blocking, double[] sums) {
        IntStream.range(0, blocking.bandTiles()).parallel().forEach(tile -> {
            for (int band = 0; band < blocking.bands(); band++) {
                float amax = 0;
                for (int row = blocking.firstRow(band); row < blocking.endRow(band); row++) {
                    for (int k = blocking.firstColumn(tile); k < blocking.endColumn(tile); k++) {
                        amax = Math.max(amax, Math.abs(weight.get(row, k)));
                    }
                }
                float whole = weight.dtype().round(amax + LEAST_AMAX);
                for (int row = blocking.firstRow(band); row < blocking.endRow(band); row++) {
                    for (int k = blocking.firstColumn(tile); k < blocking.endColumn(tile); k++) {
                        sums[k] += weight.dtype().round(Math.abs(weight.get(row, k)) / whole);
                    }
                }
            }
        });
    }

    private static float[] scales(Proposal proposal, float[] inputs, double[] weights) {
        double[] scales = new double[inputs.length];
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int k = 0; k < scales.length; k++) {
            double scale = Math.pow(inputs[k], proposal.ratio);
            if (proposal.duoScaling) {
                scale /= Math.pow(weights[k], 1 - proposal.ratio) + LEAST;
            }
            scales[k] = Math.max(scale, LEAST);
            least = Math.min(least, scales[k]);
            most = Math.max(most, scales[k]);
        }
        float[] balanced = new float[scales.length];
        for (int k = 0; k < scales.length; k++) {
            float scale = (float) (scales[k] / Math.sqrt(most * least));
            balanced[k] = Float.isFinite(scale) ? scale : 1;
        }
        return balanced;
    }

    /**
     * Weights scaled, rounded to nearest from the smallest to the largest value, and scaled back.
     *
     * @param layers that read the channels
     * @param scales that are tried {@code [K]}
     */
    public static List<FloatWeight> quantized(List<BalancedLayer> layers, float[] scales) {
        return layers.stream().map(layer -> quantized(layer, layers, scales)).toList();
    }

    private static FloatWeight quantized(BalancedLayer layer, List<BalancedLayer> all, float[] scales) {
        if (layer.scheme().isEmpty()) {
            return layer.weight();
        }
        FloatWeight scaled = Channels.multiplied(layer.weight(), scales);
        float amax = 0;
        if (layer.scheme().get().hasGlobalScale()) {
            for (BalancedLayer other : all) {
                if (layer.together().contains(other.weight().name())) {
                    amax = Math.max(amax, ScaleSearch.amax(Channels.multiplied(other.weight(), scales)));
                }
            }
        }
        RoundedWeight rounded = new WeightRounding(layer.scheme().get(), scaled.dtype(), amax, Observer.MINMAX)
                .toNearest(scaled, scaled.columns());
        float[] values = new float[scaled.values().length];
        IntStream.range(0, scaled.rows()).parallel().forEach(row -> {
            float[] decoded = rounded.dequantize(row);
            for (int k = 0; k < decoded.length; k++) {
                values[row * decoded.length + k] = scaled.dtype().round(decoded[k] / scales[k]);
            }
        });
        return scaled.with(values);
    }
}
