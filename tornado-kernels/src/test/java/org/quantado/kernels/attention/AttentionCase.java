package org.quantado.kernels.attention;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.Float16;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Sequences of random queries, keys and values, and what plain attention in float64 makes of them.
 *
 * @param group heads of queries for each of keys
 * @param lengths of the sequences
 * @param window of the last layer; the others see all
 * @param broken position whose key and value are NaN; -1 for none
 */
record AttentionCase(KvFormat format, int layers, int kvHeads, int group, int keySize, int valueSize,
        List<Integer> lengths,
        int window, boolean hasSinks, Optional<Float> softCap, int broken, long seed) {
    private static final float KEY_SCALE = 0.011f;
    private static final float VALUE_SCALE = 0.005f;

    /** With one head of keys, and one sequence. */
    AttentionCase ofOneHead(int length) {
        return new AttentionCase(format, layers, 1, group, keySize, valueSize, List.of(length), window, hasSinks,
                softCap, broken, seed);
    }

    /** With a position whose key and value are NaN. */
    AttentionCase brokenAt(int position) {
        return new AttentionCase(format, layers, kvHeads, group, keySize, valueSize, lengths, window, hasSinks, softCap,
                position, seed);
    }

    int heads() {
        return kvHeads * group;
    }

    int layer() {
        return layers - 1;
    }

    Attention attention() {
        IntArray windows = new IntArray(layers);
        windows.set(layer(), window);
        Optional<FloatArray> sinks = hasSinks ? Optional.of(new FloatArray(layers * heads())) : Optional.empty();
        sinks.ifPresent(array -> {
            for (int h = 0; h < heads(); h++) {
                array.set(layer() * heads() + h, sink(h));
            }
        });
        return new Attention(scale(), softCap, windows, sinks);
    }

    private static float sink(int head) {
        return head % 3 - 0.5f;
    }

    FloatArray scales() {
        FloatArray scales = new FloatArray(2 * layers);
        scales.init(format == KvFormat.E4M3 ? Float.NaN : 1);
        if (format == KvFormat.E4M3) {
            scales.set(layer(), KEY_SCALE);
            scales.set(layers + layer(), VALUE_SCALE);
        }
        return scales;
    }

    float[] query(int sequence, int position) {
        return row(1, sequence, position, heads() * keySize);
    }

    float[] key(int sequence, int position) {
        return row(2, sequence, position, kvHeads * keySize);
    }

    float[] value(int sequence, int position) {
        return row(3, sequence, position, kvHeads * valueSize);
    }

    private float[] row(int kind, int sequence, int position, int size) {
        Random random = new Random(((seed * 31 + kind) * 31 + sequence) * 1009 + position);
        float[] row = new float[size];
        if (kind > 1 && position == broken) {
            Arrays.fill(row, Float.NaN);
            return row;
        }
        for (int i = 0; i < size; i++) {
            row[i] = (float) random.nextGaussian();
        }
        return row;
    }

    /** What the cache holds of an element. */
    private double kept(float value, float scale) {
        return switch (format) {
            case F32 -> value;
            case F16 -> Float16.round(value);
            case BF16 -> BFloat16.round(value);
            case E4M3 -> E4M3.decode(E4M3.encode(value / scale, E4M3.Overflow.SATURATE)) * (double) scale;
        };
    }

    /** Scores are spread like a normal distribution of this many units. */
    private float scale() {
        return (float) (1.5 / Math.sqrt(keySize));
    }

    /** Of a score the error of each product and of its exponential, and values are of about 4 at most. */
    double tolerance() {
        return 4 * 0x1p-24 * (keySize * scale() + 16);
    }

    /** What the cache holds of a sequence, {@code [positions, kvHeads * size]}. */
    @SuppressWarnings("ArrayRecordComponent")
    record Kept(double[][] keys, double[][] values) {
    }

    Kept kept(int sequence) {
        double[][] keys = new double[lengths.get(sequence)][];
        double[][] values = new double[keys.length][];
        for (int position = 0; position < keys.length; position++) {
            keys[position] = kept(key(sequence, position), KEY_SCALE);
            values[position] = kept(value(sequence, position), VALUE_SCALE);
        }
        return new Kept(keys, values);
    }

    private double[] kept(float[] row, float scale) {
        double[] kept = new double[row.length];
        for (int i = 0; i < row.length; i++) {
            kept[i] = kept(row[i], scale);
        }
        return kept;
    }

    /** {@code [heads, valueSize]}. */
    double[] expected(Kept kept, int sequence, int position) {
        int first = window > 0 ? Math.max(0, position + 1 - window) : 0;
        float[] query = query(sequence, position);
        double[] y = new double[heads() * valueSize];
        for (int h = 0; h < heads(); h++) {
            double total = hasSinks ? Math.exp(sink(h)) : 0;
            for (int p = first; p <= position; p++) {
                double dot = 0;
                for (int i = 0; i < keySize; i++) {
                    dot += query[h * keySize + i] * kept.keys[p][h / group * keySize + i];
                }
                double score = scale() * dot;
                if (softCap.isPresent()) {
                    score = softCap.get() * Math.tanh(score / softCap.get());
                }
                double weight = Math.exp(score);
                total += weight;
                for (int i = 0; i < valueSize; i++) {
                    y[h * valueSize + i] += weight * kept.values[p][h / group * valueSize + i];
                }
            }
            for (int i = 0; i < valueSize; i++) {
                y[h * valueSize + i] /= total;
            }
        }
        return y;
    }
}
