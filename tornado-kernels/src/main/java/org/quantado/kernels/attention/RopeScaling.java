package org.quantado.kernels.attention;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How the frequencies of rope are made to fit contexts that are longer than those of pre-training.
 *
 * <p>Source: transformers, {@code modeling_rope_utils.py}. Frequencies are rounded to float, as models were trained with.
 */
public sealed interface RopeScaling {
    /**
     * Frequencies in radians per position, {@code [dim / 2]}.
     *
     * @param dim elements of a head that are rotated
     * @param length of the sequence
     */
    float[] frequencies(int dim, double base, int length);

    /** What cosines and sines are multiplied by. */
    default double attentionFactor() {
        return 1;
    }

    /** From which length on the frequencies are others; no sequence is so long where they never are. */
    default int otherFrom() {
        return Integer.MAX_VALUE;
    }

    /** No scaling: {@code base^(-2i / dim)}. Also of mrope, where all there is is text. */
    record Default() implements RopeScaling {
        @Override
        public float[] frequencies(int dim, double base, int length) {
            float[] frequencies = new float[dim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = (float) plain(i, dim, base);
            }
            return frequencies;
        }
    }

    /** All frequencies divided by one factor. */
    record Linear(double factor) implements RopeScaling {
        @Override
        public float[] frequencies(int dim, double base, int length) {
            float[] frequencies = new float[dim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = (float) (plain(i, dim, base) / factor);
            }
            return frequencies;
        }
    }

    /**
     * Low frequencies divided by a factor, high ones left, those between interpolated.
     *
     * @param originalPositions the context of pre-training
     */
    record Llama3(double factor, double lowFactor, double highFactor,
            int originalPositions) implements RopeScaling {
        @Override
        public float[] frequencies(int dim, double base, int length) {
            float[] frequencies = new float[dim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                double plain = plain(i, dim, base);
                double turns = originalPositions * plain / (2 * Math.PI);
                double kept = Math.clamp((turns - lowFactor) / (highFactor - lowFactor), 0.0, 1.0);
                frequencies[i] = (float) (plain * (kept + (1 - kept) / factor));
            }
            return frequencies;
        }
    }

    /**
     * YaRN: low frequencies divided by a factor, high ones left, those between interpolated by their number.
     *
     * @param originalPositions the context of pre-training
     * @param betaFast turns in that context from which frequencies are left
     * @param betaSlow turns up to which they are divided
     * @param truncate whether the numbers of the frequencies at which this is so are rounded to whole ones
     * @param attentionFactor what cosines and sines are multiplied by, see {@link #attentionFactor(double, OptionalDouble,
     *     OptionalDouble)}
     */
    record Yarn(double factor, int originalPositions, double betaFast, double betaSlow, boolean truncate,
            double attentionFactor) implements RopeScaling {
        /** Keeps the ramp from a division by zero. */
        private static final double LEAST_RAMP = 0.001;

        @Override
        public float[] frequencies(int dim, double base, int length) {
            double low = number(betaFast, dim, base);
            double high = number(betaSlow, dim, base);
            double first = Math.max(truncate ? Math.floor(low) : low, 0);
            double last = Math.min(truncate ? Math.ceil(high) : high, dim - 1.0);
            double ramp = first == last ? LEAST_RAMP : last - first;
            float[] frequencies = new float[dim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                double divided = Math.clamp((i - first) / ramp, 0.0, 1.0);
                frequencies[i] = (float) (plain(i, dim, base) * (1 - divided + divided / factor));
            }
            return frequencies;
        }

        /** The number of the frequency that makes so many turns in the context of pre-training. */
        private double number(double turns, int dim, double base) {
            return dim * Math.log(originalPositions / (turns * 2 * Math.PI)) / (2 * Math.log(base));
        }

        /** The attention factor where the checkpoint does not give it. */
        public static double attentionFactor(double factor, OptionalDouble mscale, OptionalDouble mscaleAllDim) {
            return mscale.isPresent() && mscaleAllDim.isPresent()
                    ? mscale(factor, mscale.getAsDouble()) / mscale(factor, mscaleAllDim.getAsDouble())
                    : mscale(factor, 1);
        }

        /** {@code 0.1 m ln(factor) + 1}, and 1 for factors up to 1. */
        public static double mscale(double factor, double m) {
            return factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1;
        }
    }

    /**
     * LongRoPE: every frequency has divisors of its own, those for sequences that are longer than the context of
     * pre-training and those for others.
     *
     * @param shortFactors {@code [dim / 2]}
     * @param longFactors {@code [dim / 2]}
     * @param originalPositions the context of pre-training
     * @param attentionFactor what cosines and sines are multiplied by, see {@link #attentionFactor(double, int)}
     */
    record LongRope(List<Double> shortFactors, List<Double> longFactors, int originalPositions,
            double attentionFactor) implements RopeScaling {
        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
        }

        @Override
        public float[] frequencies(int dim, double base, int length) {
            List<Double> factors = length < otherFrom() ? shortFactors : longFactors;
            if (factors.size() != dim / 2) {
                throw new IllegalArgumentException(
                        "longrope has " + factors.size() + " factors for " + dim / 2 + " frequencies");
            }
            float[] frequencies = new float[dim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = (float) (plain(i, dim, base) / factors.get(i));
            }
            return frequencies;
        }

        @Override
        public int otherFrom() {
            return originalPositions + 1;
        }

        /** The attention factor where the checkpoint does not give it; {@code factor} is the longest context over the original. */
        public static double attentionFactor(double factor, int originalPositions) {
            return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalPositions));
        }
    }

    private static double plain(int i, int dim, double base) {
        return Math.pow(base, -2.0 * i / dim);
    }
}
