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
    private final int splits;
    private final int split;
    private final int layer;
    private final int window;
    private final float scale;
    private final float cap;
    private final int group;

    /**
     * @param layouts of the heads of queries and of results
     * @param places {@code [M, 2]}, sequence and position
     * @param sizes sequences, positions, and heads of the cache; splits of the positions at 5
     * @param part number of a head of keys, and of a split
     * @param window positions that a query sees, or 0 for all
     * @param scale what scores are multiplied by
     * @param cap of scores, or 0 for none
     */
    HostQueries(MemorySegment q, MemorySegment layouts, MemorySegment places, MemorySegment sizes, int part,
            int layer, int window, float scale, float cap) {
        int[] both = layouts.toArray(INT);
        this.q = q;
        this.from = Arrays.copyOf(both, both.length / 2);
        this.to = Arrays.copyOfRange(both, both.length / 2, both.length);
        this.places = places;
        this.sizes = sizes;
        this.splits = sizes.getAtIndex(INT, 5);
        this.kvHead = part / splits;
        this.split = part % splits;
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
     * @param y what the queries give, or, where there are several splits, {@link PartialSums#values}
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

    /** Rows of one sequence; behind their queries is one that fills up four, of which nobody reads. */
    private void attendRun(int firstRow, int lastRow, HostBuffers buffers, MemorySegment sinks, int hasSinks,
            float valueScale, MemorySegment y) {
        int queries = (lastRow - firstRow) * group;
        int size = to[2];
        float[] tops = new float[queries + 1];
        float[] totals = new float[queries + 1];
        float[] sums = new float[(queries + 1) * size];
        for (int u = 0; u < queries; u++) {
            boolean sink = hasSinks == 1;
            tops[u] = sink ? sinks.getAtIndex(FLOAT, layer * (long) from[1] + head(u)) : Float.NEGATIVE_INFINITY;
            totals[u] = sink ? 1 : 0;
        }
        attendAll(firstRow, lastRow, buffers, tops, totals, sums);
        for (int u = 0; u < queries; u++) {
            long out = (firstRow + u / group) * (long) to[4] + to[0] + head(u) * (long) to[3];
            if (splits > 1) {
                out += split * (size + 2L);
                y.setAtIndex(FLOAT, out + size, tops[u]);
                y.setAtIndex(FLOAT, out + size + 1, totals[u]);
            }
            float factor = splits > 1 ? 1 : valueScale / totals[u];
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
        int begin = begin(firstRow) / POSITIONS * POSITIONS;
        int end = end(lastRow - 1);
        int perSplit = Math.ceilDiv(Math.ceilDiv(end - begin, splits), POSITIONS) * POSITIONS;
        int first = begin + split * perSplit;
        int last = Math.min(end, first + perSplit);
        long[] at = new long[TOGETHER];
        int[] into = new int[TOGETHER];
        float[] scores = new float[TOGETHER * POSITIONS];
        float[] kept = new float[TOGETHER];
        for (int t = first; t < last; t += POSITIONS) {
            buffers.fill(firstOfHead + t, Math.min(POSITIONS, last - t));
            int u = 0;
            while (u < queries) {
                int row = firstRow + u / group;
                int seenFrom = Math.clamp(begin(row) - t, 0, POSITIONS);
                int seenTo = Math.clamp(end(row) - t, 0, POSITIONS);
                int next = u + 1;
                while (next < Math.min(u + TOGETHER, queries) && seesAlike(row, firstRow + next / group, t)) {
                    next++;
                }
                if (seenFrom < seenTo) {
                    for (int c = 0; c < TOGETHER; c++) {
                        int existing = Math.min(u + c, next - 1);
                        at[c] = (firstRow + existing / group) * (long) from[4] + from[0]
                                + head(existing) * (long) from[3];
                        into[c] = u + c < next ? u + c : queries;
                    }
                    dots(buffers.keys(), at, scores);
                    for (int c = 0; c < TOGETHER; c++) {
                        kept[c] = weigh(scores, c * POSITIONS, seenFrom, seenTo, tops, totals, into[c]);
                    }
                    addValues(buffers.values(), seenFrom, seenTo, scores, kept, sums, into, to[2]);
                }
                u = next;
            }
        }
    }

    /** Whether two rows see the same of 16 positions from t on. */
    private boolean seesAlike(int row, int other, int t) {
        return Math.clamp(begin(row) - t, 0, POSITIONS) == Math.clamp(begin(other) - t, 0, POSITIONS)
                && Math.clamp(end(row) - t, 0, POSITIONS) == Math.clamp(end(other) - t, 0, POSITIONS);
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
     * Turns dot products into weights {@code exp(score - top)}; those of positions that the query does not see are nothing.
     *
     * @param first of 16 dot products
     * @param seenFrom the first of them that is seen
     * @param seenTo the first after it that is not seen any more
     * @return what sums over earlier positions are to be multiplied by
     */
    private float weigh(float[] scores, int first, int seenFrom, int seenTo, float[] tops, float[] totals,
            int query) {
        float top = tops[query];
        for (int i = first + seenFrom; i < first + seenTo; i++) {
            float score = scores[i] * scale;
            if (cap > 0) {
                score = cap * (float) Math.tanh(score / cap);
            }
            scores[i] = score;
            top = Math.max(top, score);
        }
        exponentials(scores, first, top);
        float total = 0;
        for (int i = first + seenFrom; i < first + seenTo; i++) {
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

    /** {@code sums = kept * sums + weights * values} of four queries, whose sums {@code into} says. */
    private static void addValues(float[] values, int seenFrom, int seenTo, float[] weights, float[] kept, float[] sums,
            int[] into, int size) {
        int into0 = into[0] * size;
        int into1 = into[1] * size;
        int into2 = into[2] * size;
        int into3 = into[3] * size;
        for (int i = 0; i < size; i += LANES) {
            FloatVector sum0 = FloatVector.fromArray(FLOATS, sums, into0 + i).mul(kept[0]);
            FloatVector sum1 = FloatVector.fromArray(FLOATS, sums, into1 + i).mul(kept[1]);
            FloatVector sum2 = FloatVector.fromArray(FLOATS, sums, into2 + i).mul(kept[2]);
            FloatVector sum3 = FloatVector.fromArray(FLOATS, sums, into3 + i).mul(kept[3]);
            for (int p = seenFrom; p < seenTo; p++) {
                FloatVector elements = FloatVector.fromArray(FLOATS, values, p * size + i);
                sum0 = elements.fma(FloatVector.broadcast(FLOATS, weights[p]), sum0);
                sum1 = elements.fma(FloatVector.broadcast(FLOATS, weights[POSITIONS + p]), sum1);
                sum2 = elements.fma(FloatVector.broadcast(FLOATS, weights[2 * POSITIONS + p]), sum2);
                sum3 = elements.fma(FloatVector.broadcast(FLOATS, weights[3 * POSITIONS + p]), sum3);
            }
            sum0.intoArray(sums, into0 + i);
            sum1.intoArray(sums, into1 + i);
            sum2.intoArray(sums, into2 + i);
            sum3.intoArray(sums, into3 + i);
        }
    }
}
