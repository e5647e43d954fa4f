package org.quantado.schemes.smooth;

import java.io.Serializable;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What of each channel of a layer's inputs is known after all tokens. Not thread-safe. */
public final class ChannelStatistics implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Channels that a core takes at a time: whole cache lines. */
    private static final int CHANNELS = 64;

    private final double[] magnitudes;
    private final float[] min;
    private final float[] max;
    private long rows;

    /** @param columns K */
    public ChannelStatistics(int columns) {
        magnitudes = new double[columns];
        min = new float[columns];
        max = new float[columns];
    }

    /**
     * Adds inputs.
     *
     * @param x {@code [>= count, K]}
     * @param count rows of it that are added, those at its beginning
     */
    public void add(FloatArray x, int count) {
        int columns = magnitudes.length;
        IntStream.range(0, Math.ceilDiv(columns, CHANNELS)).parallel().forEach(part -> {
            for (int row = 0; row < count; row++) {
                for (int k = part * CHANNELS; k < Math.min(columns, (part + 1) * CHANNELS); k++) {
                    float value = x.get(row * columns + k);
                    boolean isFirst = rows == 0 && row == 0;
                    magnitudes[k] += Math.abs(value);
                    min[k] = isFirst ? value : Math.min(min[k], value);
                    max[k] = isFirst ? value : Math.max(max[k], value);
                }
            }
        });
        rows += count;
    }

    /** The same, to which others can be added. */
    public ChannelStatistics copy() {
        return new ChannelStatistics(magnitudes.length).add(this);
    }

    /** Adds what is known of other inputs to this, and gives it. */
    public ChannelStatistics add(ChannelStatistics other) {
        for (int k = 0; k < magnitudes.length; k++) {
            magnitudes[k] += other.magnitudes[k];
            min[k] = rows == 0 ? other.min[k] : Math.min(min[k], other.min[k]);
            max[k] = rows == 0 ? other.max[k] : Math.max(max[k], other.max[k]);
        }
        rows += other.rows;
        return this;
    }

    /** Tokens so far. */
    public long rows() {
        return rows;
    }

    /** Means of magnitudes {@code [K]}, which AWQ works with; NaN where there were no tokens. */
    public float[] meanMagnitudes() {
        float[] means = new float[magnitudes.length];
        for (int k = 0; k < means.length; k++) {
            means[k] = (float) (magnitudes[k] / rows);
        }
        return means;
    }

    /** From the smallest to the largest value {@code [K]}, which SmoothQuant works with. */
    public float[] ranges() {
        float[] ranges = new float[max.length];
        for (int k = 0; k < ranges.length; k++) {
            ranges[k] = max[k] - min[k];
        }
        return ranges;
    }
}
