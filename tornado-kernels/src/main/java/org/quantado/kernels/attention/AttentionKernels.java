package org.quantado.kernels.attention;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Attention as plain parallel loops. */
final class AttentionKernels {
    /** Positions whose scores are known before their values are added up. */
    static final int BLOCK = 16;

    private AttentionKernels() {
    }

    /** {@code cap * tanh(score / cap)}, or the score if the cap is 0. */
    private static float cap(float score, float cap) {
        float capped = score;
        if (cap > 0.0f) {
            capped = cap - 2.0f * cap / (1.0f + TornadoMath.exp(2.0f * score / cap));
        }
        return capped;
    }

    /** The first position that a query sees which sees none from {@code end} on. */
    private static int begin(IntArray windows, IntArray layer, int end) {
        int window = windows.get(layer.get(0));
        int begin = 0;
        if (window > 0) {
            begin = Math.max(0, end - window);
        }
        return begin;
    }

    /**
     * The part of a split in the attention of a query, one work-item for each split of each head and row.
     *
     * @param q queries, whose heads {@code from} lays out
     * @param keys {@code [layers, sequences, kvHeads, positions, size]}
     * @param values {@code [layers, sequences, kvHeads, positions, size]}
     * @param places {@code [M, 2]}, sequence and position
     * @param windows {@code [L]}
     * @param sizes sequences, positions, heads and size of values of the cache; splits; {@link #BLOCK}
     * @param settings what scores are multiplied by, and their cap
     * @param parts {@link PartialSums#values}
     */
    static void attendFloats(FloatArray q, IntArray from, FloatArray keys, FloatArray values, IntArray places,
            IntArray layer, IntArray windows, IntArray shape, IntArray sizes, FloatArray settings, FloatArray parts) {
        for (@Parallel int hs = 0; hs < from.get(1) * sizes.get(4); hs++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                float[] weights = new float[16];
                int splits = sizes.get(4);
                int h = hs / splits;
                int split = hs % splits;
                int kvHead = h / (from.get(1) / sizes.get(2));
                int query = m * from.get(4) + from.get(0) + h * from.get(3);
                int head = ((layer.get(0) * sizes.get(0) + places.get(2 * m)) * sizes.get(2) + kvHead) * sizes.get(1);
                int end = places.get(2 * m + 1) + 1;
                int begin = begin(windows, layer, end);
                int perSplit = ((end - begin + splits - 1) / splits + sizes.get(5) - 1) / sizes.get(5) * sizes.get(5);
                int first = begin + split * perSplit;
                int last = Math.min(end, first + perSplit);
                int out = ((m * from.get(1) + h) * splits + split) * (sizes.get(3) + 2);
                float top = -Float.MAX_VALUE;
                float sum = 0.0f;
                for (int i = 0; i < sizes.get(3); i++) {
                    parts.set(out + i, 0.0f);
                }
                for (int t = first; t < last; t += sizes.get(5)) {
                    int count = Math.min(sizes.get(5), last - t);
                    float blockTop = top;
                    for (int j = 0; j < count; j++) {
                        int key = (head + t + j) * from.get(2);
                        float dot = 0.0f;
                        for (int i = 0; i < from.get(2); i++) {
                            dot += q.get(query + i) * keys.get(key + i);
                        }
                        float score = cap(dot * settings.get(0), settings.get(1));
                        weights[j] = score;
                        blockTop = TornadoMath.max(blockTop, score);
                    }
                    float correction = TornadoMath.exp(top - blockTop);
                    sum = sum * correction;
                    for (int j = 0; j < count; j++) {
                        float weight = TornadoMath.exp(weights[j] - blockTop);
                        weights[j] = weight;
                        sum += weight;
                    }
                    for (int i = 0; i < sizes.get(3); i++) {
                        float total = parts.get(out + i) * correction;
                        for (int j = 0; j < count; j++) {
                            total += weights[j] * values.get((head + t + j) * sizes.get(3) + i);
                        }
                        parts.set(out + i, total);
                    }
                    top = blockTop;
                }
                parts.set(out + sizes.get(3), top);
                parts.set(out + sizes.get(3) + 1, sum);
            }
        }
    }

    /**
     * As {@link #attendFloats}, where keys and values are codes.
     *
     * @param table the value of each code
     * @param scales {@code [2, L]}, what keys and values are multiplied by
     */
    static void attendCodes(FloatArray q, IntArray from, IntArray keys, IntArray values, FloatArray table,
            FloatArray scales, IntArray places, IntArray layer, IntArray windows, IntArray shape, IntArray sizes,
            FloatArray settings, FloatArray parts, int perWord) {
        for (@Parallel int hs = 0; hs < from.get(1) * sizes.get(4); hs++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                float[] weights = new float[16];
                int bits = 32 / perWord;
                int mask = table.getSize() - 1;
                int keyWords = from.get(2) / perWord;
                int valueWords = sizes.get(3) / perWord;
                float keyScale = settings.get(0) * scales.get(layer.get(0));
                int splits = sizes.get(4);
                int h = hs / splits;
                int split = hs % splits;
                int kvHead = h / (from.get(1) / sizes.get(2));
                int query = m * from.get(4) + from.get(0) + h * from.get(3);
                int head = ((layer.get(0) * sizes.get(0) + places.get(2 * m)) * sizes.get(2) + kvHead) * sizes.get(1);
                int end = places.get(2 * m + 1) + 1;
                int begin = begin(windows, layer, end);
                int perSplit = ((end - begin + splits - 1) / splits + sizes.get(5) - 1) / sizes.get(5) * sizes.get(5);
                int first = begin + split * perSplit;
                int last = Math.min(end, first + perSplit);
                int out = ((m * from.get(1) + h) * splits + split) * (sizes.get(3) + 2);
                float top = -Float.MAX_VALUE;
                float sum = 0.0f;
                for (int i = 0; i < sizes.get(3); i++) {
                    parts.set(out + i, 0.0f);
                }
                for (int t = first; t < last; t += sizes.get(5)) {
                    int count = Math.min(sizes.get(5), last - t);
                    float blockTop = top;
                    for (int j = 0; j < count; j++) {
                        int key = (head + t + j) * keyWords;
                        float dot = 0.0f;
                        for (int w = 0; w < keyWords; w++) {
                            int word = keys.get(key + w);
                            for (int f = 0; f < perWord; f++) {
                                dot += q.get(query + f * keyWords + w) * table.get((word >> (f * bits)) & mask);
                            }
                        }
                        float score = cap(dot * keyScale, settings.get(1));
                        weights[j] = score;
                        blockTop = TornadoMath.max(blockTop, score);
                    }
                    float correction = TornadoMath.exp(top - blockTop);
                    sum = sum * correction;
                    for (int j = 0; j < count; j++) {
                        float weight = TornadoMath.exp(weights[j] - blockTop);
                        weights[j] = weight;
                        sum += weight;
                    }
                    for (int w = 0; w < valueWords; w++) {
                        for (int f = 0; f < perWord; f++) {
                            int at = out + f * valueWords + w;
                            float total = parts.get(at) * correction;
                            for (int j = 0; j < count; j++) {
                                int word = values.get((head + t + j) * valueWords + w);
                                total += weights[j] * table.get((word >> (f * bits)) & mask);
                            }
                            parts.set(at, total);
                        }
                    }
                    top = blockTop;
                }
                parts.set(out + sizes.get(3), top);
                parts.set(out + sizes.get(3) + 1, sum);
            }
        }
    }

    /**
     * Puts the splits of a query together, one work-item for each element of y.
     *
     * @param parts {@link PartialSums#values}
     * @param sinks {@code [L, heads]}, not read unless {@code hasSinks} is 1
     * @param scales {@code [2, L]}, what keys and values are multiplied by
     * @param sizes splits, and L
     * @param to layout of the heads of y
     */
    static void join(FloatArray parts, FloatArray sinks, FloatArray scales, IntArray layer, IntArray shape,
            IntArray sizes,
            FloatArray y, IntArray to, int hasSinks) {
        for (@Parallel int e = 0; e < to.get(1) * to.get(2); e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int splits = sizes.get(0);
                int size = to.get(2);
                int h = e / size;
                int i = e % size;
                int first = (m * to.get(1) + h) * splits * (size + 2);
                float top = -Float.MAX_VALUE;
                for (int s = 0; s < splits; s++) {
                    top = TornadoMath.max(top, parts.get(first + s * (size + 2) + size));
                }
                float total = 0.0f;
                if (hasSinks == 1) {
                    float sink = sinks.get(layer.get(0) * to.get(1) + h);
                    top = TornadoMath.max(top, sink);
                    total = TornadoMath.exp(sink - top);
                }
                float value = 0.0f;
                for (int s = 0; s < splits; s++) {
                    int part = first + s * (size + 2);
                    float weight = TornadoMath.exp(parts.get(part + size) - top);
                    total += weight * parts.get(part + size + 1);
                    value += weight * parts.get(part + i);
                }
                y.set(m * to.get(4) + to.get(0) + h * to.get(3) + i,
                        value / total * scales.get(sizes.get(1) + layer.get(0)));
            }
        }
    }
}
