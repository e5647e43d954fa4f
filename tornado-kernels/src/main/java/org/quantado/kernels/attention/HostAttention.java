package org.quantado.kernels.attention;

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
 * <p>An iteration takes a head of keys and a block of rows, with all heads of queries that share the head. Sixteen positions
 * of keys and values at a time are decoded to {@link HostBuffers}, which stay in the cache, and meet four of
 * {@link HostQueries} at a time.
 */
final class HostAttention {
    /** Positions that are decoded at a time, which lie side by side in keys. */
    static final int POSITIONS = 16;

    /** Rows that share what is decoded, where there are many. */
    private static final int ROWS_PER_BLOCK = 16;

    private HostAttention() {
    }

    /** Whether heads are whole vectors. */
    static boolean holds(KvShape shape, KvFormat format) {
        return shape.valueSize() % (POSITIONS * format.perWord()) == 0 && shape.keySize() % format.perWord() == 0;
    }

    static void addTo(LayerGraph graph, String task, Attention attention, PlainKvCache cache, Heads queries,
            SequenceRows rows, IntArray layer, Heads y) {
        KvShape shape = cache.shape();
        int block = queries.rows().capacity() > 1 ? ROWS_PER_BLOCK : 1;
        IntArray layouts = IntArray.fromElements(queries.first(), queries.count(), queries.size(), queries.stride(),
                queries.rows().width(), y.first(), y.count(), y.size(), y.stride(), y.rows().width());
        IntArray sizes = IntArray.fromElements(shape.sequences(), shape.positions(), shape.kvHeads(), shape.layers(),
                block);
        FloatArray settings = FloatArray.fromElements(attention.scale(), attention.softCap().orElse(0.0f));
        graph.constants(layouts, sizes, settings);
        WorkerGrid grid = new WorkerGrid2D(shape.kvHeads(), Math.ceilDiv(queries.rows().capacity(), block));
        grid.setLocalWork(1, 1, 1);
        FloatArray sinks = attention.sinks().orElse(cache.scales());
        int hasSinks = attention.sinks().isPresent() ? 1 : 0;
        FloatArray q = queries.rows().values();
        FloatArray results = y.rows().values();
        IntArray count = queries.rows().shape();
        graph.task(cache.format() == KvFormat.F32
                ? TaskPackage.createPackage(task, HostAttention::attendFloats, q, layouts, cache.keys().floats(),
                        cache.values().floats(), cache.scales(), rows.places(), layer, attention.windows(), count,
                        sizes,
                        settings, sinks, results, hasSinks)
                : TaskPackage.createPackage(task, HostAttention::attendCodes, q, layouts, cache.keys().codes(),
                        cache.values().codes(), cache.scales(), rows.places(), layer, attention.windows(), count, sizes,
                        settings, sinks, results, hasSinks, cache.format().number()),
                grid);
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
     * @param sizes sequences, positions, and heads of the cache; L; rows of a block
     * @param settings what scores are multiplied by, and their cap
     * @param sinks {@code [L, heads]}, not read unless {@code hasSinks} is 1
     */
    static void attendFloats(FloatArray q, IntArray layouts, FloatArray keys, FloatArray values, FloatArray scales,
            IntArray places, IntArray layer, IntArray windows, IntArray shape, IntArray sizes, FloatArray settings,
            FloatArray sinks, FloatArray y, int hasSinks) {
        for (@Parallel int h = 0; h < sizes.get(2); h++) {
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
        for (@Parallel int h = 0; h < sizes.get(2); h++) {
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
