package org.quantado.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The queries of a block of rows that share a head of keys. Vectors stay in registers where they are written out, in methods
 * with one loop each.
 */
final class HostQueries {
    /** Queries at a time. */
    private static final int TOGETHER = 4;

    private static final int POSITIONS = HostBuffers.POSITIONS;
    private static final VectorSpecies<Float> FLOATS = HostBuffers.FLOATS;
    private static final VectorSpecies<Integer> INTS = HostBuffers.INTS;
    private static final int LANES = FLOATS.length();
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private static final float LOG2_E = 1.442695f;
    /** Powers of two below it are not normal floats. */
    private static final float LEAST_POWER = -125;
    private static final int EXPONENT_BIAS = 127;
    private static final int MANTISSA_BITS = 23;

    private final MemorySegment q;
    private final int[] from;
    private final int[] to;
    private final MemorySegment places;
    private final MemorySegment sizes;
    private final int kvHead;
    private final int layer;
    private final int window;
    private final float scale;
    private final float cap;
    private final int group;

    /**
     * @param layouts of the heads of queries and of results
     * @param places {@code [M, 2]}, sequence and position
     * @param sizes sequences, positions, and heads of the cache
     * @param window positions that a query sees, or 0 for all
     * @param scale what scores are multiplied by
     * @param cap of scores, or 0 for none
     */
    HostQueries(MemorySegment q, MemorySegment layouts, MemorySegment places, MemorySegment sizes, int kvHead,
            int layer,
            int window, float scale, float cap) {
        int[] both = layouts.toArray(INT);
        this.q = q;
        this.from = Arrays.copyOf(both, both.length / 2);
        this.to = Arrays.copyOfRange(both, both.length / 2, both.length);
        this.places = places;
        this.sizes = sizes;
        this.kvHead = kvHead;
        this.layer = layer;
        this.window = window;
        this.scale = scale;
        this.cap = cap;
        this.group = from[1] / sizes.getAtIndex(INT, 2);
    }

    /**
     * Attends to what the buffers are filled with.
     *
     * @param sinks {@code [L, heads]}, not read unless {@code hasSinks} is 1
     * @param valueScale what values are multiplied by
     */
    void attend(int firstRow, int lastRow, HostBuffers buffers, MemorySegment sinks, int hasSinks, float valueScale,
            MemorySegment y) {
        int row = firstRow;
        while (row < lastRow) {
            int next = row + 1;
            while (next < lastRow && sequence(next) == sequence(row)) {
                next++;
            }
            attendRun(row, next, buffers, sinks, hasSinks, valueScale, y);
            row = next;
        }
    }

    private int sequence(int row) {
        return places.getAtIndex(INT, 2L * row);
    }

    /** One after the position of a row. */
    private int end(int row) {
        return places.getAtIndex(INT, 2L * row + 1) + 1;
    }

    /** The first position that a row sees. */
    private int begin(int row) {
        return window > 0 ? Math.max(0, end(row) - window) : 0;
    }

    /** Rows of one sequence. */
    private void attendRun(int firstRow, int lastRow, HostBuffers buffers, MemorySegment sinks, int hasSinks,
            float valueScale, MemorySegment y) {
        int queries = (lastRow - firstRow) * group;
        int padded = Math.ceilDiv(queries, TOGETHER) * TOGETHER;
        int size = to[2];
        float[] tops = new float[padded];
        float[] totals = new float[padded];
        float[] sums = new float[padded * size];
        for (int u = 0; u < queries; u++) {
            boolean sink = hasSinks == 1;
            tops[u] = sink ? sinks.getAtIndex(FLOAT, layer * (long) from[1] + head(u)) : Float.NEGATIVE_INFINITY;
            totals[u] = sink ? 1 : 0;
        }
        attendAll(firstRow, lastRow, buffers, tops, totals, sums);
        for (int u = 0; u < queries; u++) {
            long out = (firstRow + u / group) * (long) to[4] + to[0] + head(u) * (long) to[3];
            float factor = valueScale / totals[u];
            for (int i = 0; i < size; i++) {
                y.setAtIndex(FLOAT, out + i, sums[u * size + i] * factor);
            }
        }
    }

    private int head(int query) {
        return kvHead * group + query % group;
    }

    private void attendAll(int firstRow, int lastRow, HostBuffers buffers, float[] tops, float[] totals, float[] sums) {
        int queries = (lastRow - firstRow) * group;
        long positions = sizes.getAtIndex(INT, 1);
        long sequence = layer * (long) sizes.getAtIndex(INT, 0) + sequence(firstRow);
        long firstOfHead = (sequence * sizes.getAtIndex(INT, 2) + kvHead) * positions;
        int last = end(lastRow - 1);
        long[] at = new long[TOGETHER];
        float[] scores = new float[TOGETHER * POSITIONS];
        float[] kept = new float[TOGETHER];
        for (int t = begin(firstRow) / POSITIONS * POSITIONS; t < last; t += POSITIONS) {
            int count = Math.min(POSITIONS, last - t);
            buffers.fill(firstOfHead + t, count);
            for (int u = 0; u < queries; u += TOGETHER) {
                int lastOfFour = firstRow + (Math.min(u + TOGETHER, queries) - 1) / group;
                if (end(lastOfFour) > t) {
                    for (int c = 0; c < TOGETHER; c++) {
                        int existing = Math.min(u + c, queries - 1);
                        at[c] = (firstRow + existing / group) * (long) from[4] + from[0]
                                + head(existing) * (long) from[3];
                    }
                    dots(buffers.keys(), at, scores);
                    for (int c = 0; c < TOGETHER; c++) {
                        int row = firstRow + Math.min(u + c, queries - 1) / group;
                        kept[c] = weigh(scores, c * POSITIONS, begin(row) - t, end(row) - t, tops, totals, u + c);
                    }
                    addValues(buffers.values(), count, scores, kept, sums, u * to[2], to[2]);
                }
            }
        }
    }

    /** Dot products of four queries with the keys of 16 positions, {@code [4, 16]}. */
    private void dots(float[] keys, long[] at, float[] dots) {
        long at0 = at[0];
        long at1 = at[1];
        long at2 = at[2];
        long at3 = at[3];
        for (int lane = 0; lane < POSITIONS; lane += LANES) {
            FloatVector dot0 = FloatVector.zero(FLOATS);
            FloatVector dot1 = dot0;
            FloatVector dot2 = dot0;
            FloatVector dot3 = dot0;
            for (int i = 0; i < keys.length / POSITIONS; i++) {
                FloatVector elements = FloatVector.fromArray(FLOATS, keys, i * POSITIONS + lane);
                dot0 = elements.fma(FloatVector.broadcast(FLOATS, q.getAtIndex(FLOAT, at0 + i)), dot0);
                dot1 = elements.fma(FloatVector.broadcast(FLOATS, q.getAtIndex(FLOAT, at1 + i)), dot1);
                dot2 = elements.fma(FloatVector.broadcast(FLOATS, q.getAtIndex(FLOAT, at2 + i)), dot2);
                dot3 = elements.fma(FloatVector.broadcast(FLOATS, q.getAtIndex(FLOAT, at3 + i)), dot3);
            }
            dot0.intoArray(dots, lane);
            dot1.intoArray(dots, POSITIONS + lane);
            dot2.intoArray(dots, 2 * POSITIONS + lane);
            dot3.intoArray(dots, 3 * POSITIONS + lane);
        }
    }

    /**
     * Turns dot products into weights {@code exp(score - top)}, 0 for positions that the query does not see.
     *
     * @param first of 16 dot products
     * @param begin the first that is seen, from the first of them on
     * @param end the first that is not seen any more
     * @return what sums over earlier positions are to be multiplied by
     */
    private float weigh(float[] scores, int first, int begin, int end, float[] tops, float[] totals, int query) {
        int from16 = Math.clamp(begin, 0, POSITIONS);
        int to16 = Math.clamp(end, from16, POSITIONS);
        float top = tops[query];
        for (int i = first + from16; i < first + to16; i++) {
            float score = scores[i] * scale;
            if (cap > 0) {
                score = cap * (float) Math.tanh(score / cap);
            }
            scores[i] = score;
            top = Math.max(top, score);
        }
        Arrays.fill(scores, first, first + from16, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, first + to16, first + POSITIONS, Float.NEGATIVE_INFINITY);
        if (from16 == to16) {
            Arrays.fill(scores, first, first + POSITIONS, 0);
            return 1;
        }
        exponentials(scores, first, top);
        Arrays.fill(scores, first, first + from16, 0);
        Arrays.fill(scores, first + to16, first + POSITIONS, 0);
        float total = 0;
        for (int i = first + from16; i < first + to16; i++) {
            total += scores[i];
        }
        float kept = (float) Math.exp(tops[query] - top);
        tops[query] = top;
        totals[query] = totals[query] * kept + total;
        return kept;
    }

    /**
     * {@code exp(score - top)} of 16 scores: {@code 2^n * 2^f} with the series of {@code exp(f ln 2)} for f from -1/2 to 1/2,
     * the first term that is left out of which is 5e-9.
     */
    private static void exponentials(float[] scores, int first, float top) {
        for (int lane = 0; lane < POSITIONS; lane += LANES) {
            FloatVector power = FloatVector.fromArray(FLOATS, scores, first + lane).sub(top).mul(LOG2_E)
                    .max(LEAST_POWER);
            IntVector octave = (IntVector) power.sub(0.5f).convertShape(VectorOperators.F2I, INTS, 0);
            FloatVector f = power.sub((FloatVector) octave.convertShape(VectorOperators.I2F, FLOATS, 0));
            FloatVector sum = FloatVector.broadcast(FLOATS, 1.5252734e-5f);
            sum = sum.fma(f, FloatVector.broadcast(FLOATS, 0.0001540353f));
            sum = sum.fma(f, FloatVector.broadcast(FLOATS, 0.0013333558f));
            sum = sum.fma(f, FloatVector.broadcast(FLOATS, 0.009618129f));
            sum = sum.fma(f, FloatVector.broadcast(FLOATS, 0.05550411f));
            sum = sum.fma(f, FloatVector.broadcast(FLOATS, 0.2402265f));
            sum = sum.fma(f, FloatVector.broadcast(FLOATS, 0.6931472f));
            sum = sum.fma(f, FloatVector.broadcast(FLOATS, 1.0f));
            sum.mul(octave.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, MANTISSA_BITS).reinterpretAsFloats())
                    .intoArray(scores, first + lane);
        }
    }

    /** {@code sums = kept * sums + weights * values} of four queries, {@code [4, size]}. */
    private static void addValues(float[] values, int count, float[] weights, float[] kept, float[] sums, int first,
            int size) {
        for (int i = 0; i < size; i += LANES) {
            FloatVector sum0 = FloatVector.fromArray(FLOATS, sums, first + i).mul(kept[0]);
            FloatVector sum1 = FloatVector.fromArray(FLOATS, sums, first + size + i).mul(kept[1]);
            FloatVector sum2 = FloatVector.fromArray(FLOATS, sums, first + 2 * size + i).mul(kept[2]);
            FloatVector sum3 = FloatVector.fromArray(FLOATS, sums, first + 3 * size + i).mul(kept[3]);
            for (int p = 0; p < count; p++) {
                FloatVector elements = FloatVector.fromArray(FLOATS, values, p * size + i);
                sum0 = elements.fma(FloatVector.broadcast(FLOATS, weights[p]), sum0);
                sum1 = elements.fma(FloatVector.broadcast(FLOATS, weights[POSITIONS + p]), sum1);
                sum2 = elements.fma(FloatVector.broadcast(FLOATS, weights[2 * POSITIONS + p]), sum2);
                sum3 = elements.fma(FloatVector.broadcast(FLOATS, weights[3 * POSITIONS + p]), sum3);
            }
            sum0.intoArray(sums, first + i);
            sum1.intoArray(sums, first + size + i);
            sum2.intoArray(sums, first + 2 * size + i);
            sum3.intoArray(sums, first + 3 * size + i);
        }
    }
}
