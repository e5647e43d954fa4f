package org.quantado.kernels.attention;

import java.util.Optional;

import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention in the JVM's own vectors, for an engine that runs kernels as the Java that they are. Needs the module
 * jdk.incubator.vector.
 *
 * <p>An iteration takes a head of keys and a block of rows, with all heads of queries that share the head; where these are
 * fewer than the machine's threads, a split of the positions. Sixteen positions of keys and values at a time are decoded to
 * {@link HostBuffers}, which stay in the cache, and meet four of {@link HostQueries} at a time.
 */
final class HostAttention {
    /** Positions that are decoded at a time, which lie side by side in keys. */
    static final int POSITIONS = 16;

    /** Rows that share what is decoded, where there are many. */
    private static final int ROWS_PER_BLOCK = 16;

    /** Fewest positions for which a split of them pays. */
    private static final int LEAST_POSITIONS = 128;

    private HostAttention() {
    }

    /** Whether heads are whole vectors. */
    static boolean holds(KvShape shape, KvFormat format) {
        return shape.valueSize() % (POSITIONS * format.perWord()) == 0 && shape.keySize() % format.perWord() == 0;
    }

    static void addTo(LayerGraph graph, String task, Attention attention, PlainKvCache cache, Heads queries,
            SequenceRows rows, IntArray layer, Heads y) {
        KvShape shape = cache.shape();
        int capacity = queries.rows().capacity();
        int block = capacity > 1 ? ROWS_PER_BLOCK : 1;
        int blocks = Math.ceilDiv(capacity, block);
        int splits = Math.clamp(Runtime.getRuntime().availableProcessors() / (shape.kvHeads() * blocks), 1,
                Math.ceilDiv(shape.positions(), LEAST_POSITIONS));
        IntArray sizes = IntArray.fromElements(shape.sequences(), shape.positions(), shape.kvHeads(), shape.layers(),
                block, splits);
        WorkerGrid grid = new WorkerGrid2D(shape.kvHeads() * splits, blocks);
        grid.setLocalWork(1, 1, 1);
        if (splits == 1) {
            int[] to = {y.first(), y.count(), y.size(), y.stride(), y.rows().width()};
            graph.task(task(task, graph, attention, cache, queries, rows, layer, y.rows().values(), to,
                    sizes, attention.sinks()), grid);
        } else {
            PartialSums sums = PartialSums.allocate(capacity, y.count(), splits, y.size());
            int stride = splits * (y.size() + 2);
            int[] to = {0, y.count(), y.size(), stride, y.count() * stride};
            graph.task(task(task + "Parts", graph, attention, cache, queries, rows, layer, sums.values(), to,
                    sizes, Optional.empty()), grid);
            sums.addJoin(graph, task + "Join", attention, cache.scales(), layer, y);
        }
    }

    /** @param to layout of the heads of results */
    private static TaskPackage task(String name, LayerGraph graph, Attention attention, PlainKvCache cache,
            Heads queries, SequenceRows rows, IntArray layer, FloatArray results, int[] to, IntArray sizes,
            Optional<FloatArray> someSinks) {
        IntArray layouts = IntArray.fromElements(queries.first(), queries.count(), queries.size(), queries.stride(),
                queries.rows().width(), to[0], to[1], to[2], to[3], to[4]);
        FloatArray settings = FloatArray.fromElements(attention.scale(), attention.softCap().orElse(0.0f));
        graph.constants(layouts, sizes, settings);
        FloatArray sinks = someSinks.orElse(cache.scales());
        int hasSinks = someSinks.isPresent() ? 1 : 0;
        FloatArray q = queries.rows().values();
        IntArray count = queries.rows().shape();
        return cache.format() == KvFormat.F32
                ? TaskPackage.createPackage(name, HostAttention::attendFloats, q, layouts, cache.keys().floats(),
                        cache.values().floats(), cache.scales(), rows.places(), layer, attention.windows(), count,
                        sizes, settings, sinks, results, hasSinks)
                : TaskPackage.createPackage(name, HostAttention::attendCodes, q, layouts, cache.keys().codes(),
                        cache.values().codes(), cache.scales(), rows.places(), layer, attention.windows(), count, sizes,
                        settings, sinks, results, hasSinks, cache.format().number());
    }

    /**
     * Attention of a head of keys and a block of rows.
     *
     * @param q queries
     * @param layouts of the heads of queries, and of those of y
     * @param keys {@code [layers, sequences, kvHeads, positions / 16, size, 16]}
     * @param values {@code [layers, sequences, kvHeads, positions, size]}
     * @param scales {@code [2, L]}, what keys and values are multiplied by
     * @param places {@code [M, 2]}, sequence and position
     * @param windows {@code [L]}
     * @param sizes sequences, positions, and heads of the cache; L; rows of a block; splits
     * @param settings what scores are multiplied by, and their cap
     * @param sinks {@code [L, heads]}, not read unless {@code hasSinks} is 1
     */
    static void attendFloats(FloatArray q, IntArray layouts, FloatArray keys, FloatArray values, FloatArray scales,
            IntArray places, IntArray layer, IntArray windows, IntArray shape, IntArray sizes, FloatArray settings,
            FloatArray sinks, FloatArray y, int hasSinks) {
        for (@Parallel int h = 0; h < sizes.get(2) * sizes.get(5); h++) {
            for (@Parallel int b = 0; b < (shape.get(0) + sizes.get(4) - 1) / sizes.get(4); b++) {
                HostBuffers buffers = new HostBuffers(keys.getSegment().asReadOnly(), values.getSegment().asReadOnly(),
                        0, layouts.get(2), layouts.get(7));
                HostQueries queries = new HostQueries(q.getSegment().asReadOnly(), layouts.getSegment().asReadOnly(),
                        places.getSegment().asReadOnly(), sizes.getSegment().asReadOnly(), h, layer.get(0),
                        windows.get(layer.get(0)), settings.get(0) * scales.get(layer.get(0)), settings.get(1));
                queries.attend(b * sizes.get(4), Math.min(shape.get(0), (b + 1) * sizes.get(4)), buffers,
                        sinks.getSegment().asReadOnly(), hasSinks, scales.get(sizes.get(3) + layer.get(0)),
                        y.getSegment());
            }
        }
    }

    /** @param format ordinal of the {@link KvFormat} */
    static void attendCodes(FloatArray q, IntArray layouts, IntArray keys, IntArray values, FloatArray scales,
            IntArray places, IntArray layer, IntArray windows, IntArray shape, IntArray sizes, FloatArray settings,
            FloatArray sinks, FloatArray y, int hasSinks, int format) {
        for (@Parallel int h = 0; h < sizes.get(2) * sizes.get(5); h++) {
            for (@Parallel int b = 0; b < (shape.get(0) + sizes.get(4) - 1) / sizes.get(4); b++) {
                HostBuffers buffers = new HostBuffers(keys.getSegment().asReadOnly(), values.getSegment().asReadOnly(),
                        format, layouts.get(2), layouts.get(7));
                HostQueries queries = new HostQueries(q.getSegment().asReadOnly(), layouts.getSegment().asReadOnly(),
                        places.getSegment().asReadOnly(), sizes.getSegment().asReadOnly(), h, layer.get(0),
                        windows.get(layer.get(0)), settings.get(0) * scales.get(layer.get(0)), settings.get(1));
                queries.attend(b * sizes.get(4), Math.min(shape.get(0), (b + 1) * sizes.get(4)), buffers,
                        sinks.getSegment().asReadOnly(), hasSinks, scales.get(sizes.get(3) + layer.get(0)),
                        y.getSegment());
            }
        }
    }
}
