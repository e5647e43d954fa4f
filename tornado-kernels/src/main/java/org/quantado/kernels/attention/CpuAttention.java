package org.quantado.kernels.attention;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/**
 * Attention in vectors of 16. Of keys a vector has the same element of 16 positions, so that the scores of these positions
 * are the lanes of a vector; of values it has 16 elements of one position.
 *
 * <p>A work-item takes a head of keys, a split of the positions, and a block of rows with all heads of queries that share
 * the head: keys and values are read once for them. Rows of one sequence are taken together, four queries at a time that
 * see the same positions: what a query does not see never meets it, whatever it is.
 */
final class CpuAttention {
    /** Positions of a vector of keys. */
    static final int LANES = 16;

    /** What scores of positions that a query does not see are far below, where it has seen none. */
    private static final float LEAST_TOP = -1.0e37f;

    /** Queries at a time. */
    static final int TOGETHER = 4;

    private CpuAttention() {
    }

    /** The first position that a query sees which sees none from {@code end} on. */
    private static int begin(int window, int end) {
        int seen = window > 0 ? window : Integer.MAX_VALUE;
        return Math.max(0, end - seen);
    }

    /** Where the query u of a block of rows is, that of {@code last} for those beyond it. */
    private static int query(IntArray from, int firstRow, int kvHead, int group, int u, int last) {
        int existing = Math.min(u, last);
        return (firstRow + existing / group) * from.get(4) + from.get(0)
                + (kvHead * group + existing % group) * from.get(3);
    }

    /** The first of 16 positions from t on that query u sees; 16 if they are all before it. */
    private static int seenFrom(IntArray places, int window, int firstRow, int group, int u, int last, int t) {
        return Math.min(16, Math.max(0, begin(window, end(places, firstRow, group, u, last)) - t));
    }

    /** One after the last of 16 positions from t on that query u sees; 0 if they are all behind it. */
    private static int seenTo(IntArray places, int firstRow, int group, int u, int last, int t) {
        return Math.min(16, Math.max(0, end(places, firstRow, group, u, last) - t));
    }

    /** One after the position of query u. */
    private static int end(IntArray places, int firstRow, int group, int u, int last) {
        return places.get(2 * (firstRow + Math.min(u, last) / group) + 1) + 1;
    }

    /** 1 if queries u and u + c see the same of 16 positions from t on. */
    private static int alike(IntArray places, int window, int firstRow, int group, int u, int c, int last, int t) {
        int from = seenFrom(places, window, firstRow, group, u, last, t);
        int otherFrom = seenFrom(places, window, firstRow, group, u + c, last, t);
        int sameFrom = from == otherFrom ? 1 : 0;
        int to = seenTo(places, firstRow, group, u, last, t);
        int otherTo = seenTo(places, firstRow, group, u + c, last, t);
        int sameTo = to == otherTo ? 1 : 0;
        return sameFrom * sameTo;
    }

    /** The last query after u, of four at most, that sees the same of 16 positions from t on as those before it do. */
    private static int lastAlike(IntArray places, int window, int firstRow, int group, int u, int last, int t) {
        int second = alike(places, window, firstRow, group, u, 1, last, t);
        int third = second * alike(places, window, firstRow, group, u, 2, last, t);
        int fourth = third * alike(places, window, firstRow, group, u, 3, last, t);
        return Math.min(last, u + second + third + fourth);
    }

    /** The state of query u, one of the spare ones for those beyond {@code last}. */
    private static int state(int first, int spare, int c, int u, int last, int vectors) {
        int existing = u + c > last ? spare + c : u + c;
        return first + existing * vectors;
    }

    /**
     * What splits give for each query.
     *
     * @param q queries, whose heads {@code from} lays out
     * @param keys {@code [layers, sequences, kvHeads, positions / 16, size]} vectors of 16 positions
     * @param values {@code [layers, sequences, kvHeads, positions, size / 16]} vectors
     * @param places {@code [M, 2]}, sequence and position
     * @param windows {@code [L]}
     * @param sizes sequences, positions, heads and vectors of values of the cache; splits; rows of a block
     * @param settings what scores are multiplied by, and their cap
     * @param states {@code [blocks, kvHeads, splits, queries + 4, 2 + size / 16]} vectors: the largest score, the sums of
     *     {@code exp(score - largest)}, and those of {@code exp(score - largest) * value}
     */
    static void attendFloats(FloatArray q, IntArray from, VectorFloat16 keys, VectorFloat16 values, IntArray places,
            IntArray layer, IntArray windows, IntArray shape, IntArray sizes, FloatArray settings, VectorFloat16 states,
            int capped) {
        for (@Parallel int hs = 0; hs < sizes.get(2) * sizes.get(4); hs++) {
            for (@Parallel int b = 0; b < (shape.get(0) + sizes.get(5) - 1) / sizes.get(5); b++) {
                float[] weights = new float[64];
                int splits = sizes.get(4);
                int kvHead = hs / splits;
                int split = hs % splits;
                int group = from.get(1) / sizes.get(2);
                int firstRow = b * sizes.get(5);
                int lastRow = Math.min(shape.get(0), firstRow + sizes.get(5));
                int spare = sizes.get(5) * group;
                int vectors = 2 + sizes.get(3);
                int firstState = (b * sizes.get(2) * splits + hs) * (spare + 4) * vectors;
                int window = windows.get(layer.get(0));
                for (int i = 0; i < spare + 4; i++) {
                    states.set(firstState + i * vectors, CpuVectors.splat(CpuVectors.NOTHING));
                    for (int v = 1; v < vectors; v++) {
                        states.set(firstState + i * vectors + v, CpuVectors.splat(0.0f));
                    }
                }
                int row = firstRow;
                while (row < lastRow) {
                    int sequence = places.get(2 * row);
                    int runEnd = row + 1;
                    int same = 1;
                    int end = places.get(2 * row + 1) + 1;
                    int begin = begin(window, end);
                    for (int r = row + 1; r < lastRow; r++) {
                        same = places.get(2 * r) == sequence ? same : 0;
                        runEnd += same;
                        int rowEnd = same * (places.get(2 * r + 1) + 1);
                        end = Math.max(end, rowEnd);
                    }
                    begin = begin / 16 * 16;
                    int head = (layer.get(0) * sizes.get(0) + sequence) * sizes.get(2) + kvHead;
                    int perSplit = ((end - begin + splits - 1) / splits + 15) / 16 * 16;
                    int first = begin + split * perSplit;
                    int last = Math.min(end, first + perSplit);
                    int lastQuery = (runEnd - firstRow) * group - 1;
                    for (int t = first; t < last; t += 16) {
                        int key = (head * (sizes.get(1) / 16) + t / 16) * from.get(2);
                        int value = head * sizes.get(1) * sizes.get(3);
                        int u = (row - firstRow) * group;
                        while (u <= lastQuery) {
                            int lastOfThese = lastAlike(places, window, firstRow, group, u, lastQuery, t);
                            int seenFrom = seenFrom(places, window, firstRow, group, u, lastQuery, t);
                            int seenTo = seenTo(places, firstRow, group, u, lastQuery, t);
                            int q0 = query(from, firstRow, kvHead, group, u, lastOfThese);
                            int q1 = query(from, firstRow, kvHead, group, u + 1, lastOfThese);
                            int q2 = query(from, firstRow, kvHead, group, u + 2, lastOfThese);
                            int q3 = query(from, firstRow, kvHead, group, u + 3, lastOfThese);
                            Float16 dots0 = CpuVectors.splat(0.0f);
                            Float16 dots1 = CpuVectors.splat(0.0f);
                            Float16 dots2 = CpuVectors.splat(0.0f);
                            Float16 dots3 = CpuVectors.splat(0.0f);
                            for (int i = 0; i < from.get(2); i++) {
                                Float16 elements = keys.get(key + i);
                                dots0 = CpuVectors.multiplyAdd(dots0, elements, q.get(q0 + i));
                                dots1 = CpuVectors.multiplyAdd(dots1, elements, q.get(q1 + i));
                                dots2 = CpuVectors.multiplyAdd(dots2, elements, q.get(q2 + i));
                                dots3 = CpuVectors.multiplyAdd(dots3, elements, q.get(q3 + i));
                            }
                            CpuVectors.store(Float16.mult(dots0, CpuVectors.splat(settings.get(0))), weights, 0);
                            CpuVectors.store(Float16.mult(dots1, CpuVectors.splat(settings.get(0))), weights, 16);
                            CpuVectors.store(Float16.mult(dots2, CpuVectors.splat(settings.get(0))), weights, 32);
                            CpuVectors.store(Float16.mult(dots3, CpuVectors.splat(settings.get(0))), weights, 48);
                            CpuVectors.score(weights, 0, settings.get(1), seenFrom, seenTo, capped);
                            CpuVectors.score(weights, 16, settings.get(1), seenFrom, seenTo, capped);
                            CpuVectors.score(weights, 32, settings.get(1), seenFrom, seenTo, capped);
                            CpuVectors.score(weights, 48, settings.get(1), seenFrom, seenTo, capped);
                            Float16 scores0 = CpuVectors.load(weights, 0);
                            Float16 scores1 = CpuVectors.load(weights, 16);
                            Float16 scores2 = CpuVectors.load(weights, 32);
                            Float16 scores3 = CpuVectors.load(weights, 48);
                            int state0 = state(firstState, spare, 0, u, lastOfThese, vectors);
                            int state1 = state(firstState, spare, 1, u, lastOfThese, vectors);
                            int state2 = state(firstState, spare, 2, u, lastOfThese, vectors);
                            int state3 = state(firstState, spare, 3, u, lastOfThese, vectors);
                            float before0 = states.get(state0).get(0);
                            float before1 = states.get(state1).get(0);
                            float before2 = states.get(state2).get(0);
                            float before3 = states.get(state3).get(0);
                            float top0 = TornadoMath.max(before0, CpuVectors.largest(scores0));
                            float top1 = TornadoMath.max(before1, CpuVectors.largest(scores1));
                            float top2 = TornadoMath.max(before2, CpuVectors.largest(scores2));
                            float top3 = TornadoMath.max(before3, CpuVectors.largest(scores3));
                            float kept0 = TornadoMath.exp(before0 - top0);
                            float kept1 = TornadoMath.exp(before1 - top1);
                            float kept2 = TornadoMath.exp(before2 - top2);
                            float kept3 = TornadoMath.exp(before3 - top3);
                            Float16 weights0 = CpuVectors.weights(scores0, TornadoMath.max(top0, LEAST_TOP));
                            Float16 weights1 = CpuVectors.weights(scores1, TornadoMath.max(top1, LEAST_TOP));
                            Float16 weights2 = CpuVectors.weights(scores2, TornadoMath.max(top2, LEAST_TOP));
                            Float16 weights3 = CpuVectors.weights(scores3, TornadoMath.max(top3, LEAST_TOP));
                            states.set(state0, CpuVectors.splat(top0));
                            states.set(state1, CpuVectors.splat(top1));
                            states.set(state2, CpuVectors.splat(top2));
                            states.set(state3, CpuVectors.splat(top3));
                            states.set(state0 + 1, CpuVectors.multiplyAdd(weights0, states.get(state0 + 1), kept0));
                            states.set(state1 + 1, CpuVectors.multiplyAdd(weights1, states.get(state1 + 1), kept1));
                            states.set(state2 + 1, CpuVectors.multiplyAdd(weights2, states.get(state2 + 1), kept2));
                            states.set(state3 + 1, CpuVectors.multiplyAdd(weights3, states.get(state3 + 1), kept3));
                            CpuVectors.store(weights0, weights, 0);
                            CpuVectors.store(weights1, weights, 16);
                            CpuVectors.store(weights2, weights, 32);
                            CpuVectors.store(weights3, weights, 48);
                            for (int v = 0; v < sizes.get(3); v++) {
                                Float16 sum0 = Float16.mult(states.get(state0 + 2 + v), CpuVectors.splat(kept0));
                                Float16 sum1 = Float16.mult(states.get(state1 + 2 + v), CpuVectors.splat(kept1));
                                Float16 sum2 = Float16.mult(states.get(state2 + 2 + v), CpuVectors.splat(kept2));
                                Float16 sum3 = Float16.mult(states.get(state3 + 2 + v), CpuVectors.splat(kept3));
                                for (int j = seenFrom; j < seenTo; j++) {
                                    Float16 elements = values.get(value + (t + j) * sizes.get(3) + v);
                                    sum0 = CpuVectors.multiplyAdd(sum0, elements, weights[j]);
                                    sum1 = CpuVectors.multiplyAdd(sum1, elements, weights[16 + j]);
                                    sum2 = CpuVectors.multiplyAdd(sum2, elements, weights[32 + j]);
                                    sum3 = CpuVectors.multiplyAdd(sum3, elements, weights[48 + j]);
                                }
                                states.set(state0 + 2 + v, sum0);
                                states.set(state1 + 2 + v, sum1);
                                states.set(state2 + 2 + v, sum2);
                                states.set(state3 + 2 + v, sum3);
                            }
                            u = lastOfThese + 1;
                        }
                    }
                    row = runEnd;
                }
            }
        }
    }

    /**
     * Puts the splits of a query together, one work-item for 16 elements of a head of y.
     *
     * @param states of {@link #attendFloats}
     * @param sinks {@code [L, heads]}, not read unless {@code hasSinks} is 1
     * @param scales {@code [2, L]}, what keys and values are multiplied by
     * @param sizes splits, heads of the cache, rows of a block, and L
     * @param to layout of the heads of y
     */
    static void join(VectorFloat16 states, FloatArray sinks, FloatArray scales, IntArray layer, IntArray shape,
            IntArray sizes, FloatArray y, IntArray to, int hasSinks) {
        for (@Parallel int e = 0; e < to.get(1) * to.get(2) / 16; e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int splits = sizes.get(0);
                int vectors = to.get(2) / 16;
                int h = e / vectors;
                int v = e % vectors;
                int group = to.get(1) / sizes.get(1);
                int query = m % sizes.get(2) * group + h % group;
                int queries = sizes.get(2) * group + 4;
                int first = (m / sizes.get(2) * sizes.get(1) + h / group) * splits;
                float top = CpuVectors.NOTHING;
                for (int s = 0; s < splits; s++) {
                    top = TornadoMath.max(top, states.get(((first + s) * queries + query) * (vectors + 2)).get(0));
                }
                float total = 0.0f;
                if (hasSinks == 1) {
                    float sink = sinks.get(layer.get(0) * to.get(1) + h);
                    top = TornadoMath.max(top, sink);
                    total = TornadoMath.exp(sink - top);
                }
                Float16 sum = CpuVectors.splat(0.0f);
                for (int s = 0; s < splits; s++) {
                    int state = ((first + s) * queries + query) * (vectors + 2);
                    float weight = TornadoMath.exp(states.get(state).get(0) - top);
                    total += weight * CpuVectors.total(states.get(state + 1));
                    sum = CpuVectors.multiplyAdd(sum, states.get(state + 2 + v), weight);
                }
                float factor = scales.get(sizes.get(3) + layer.get(0)) / total;
                int out = m * to.get(4) + to.get(0) + h * to.get(3) + 16 * v;
                for (int i = 0; i < 16; i++) {
                    y.set(out + i, sum.get(i) * factor);
                }
            }
        }
    }
}
