package org.quantado.kernels.attention;

import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/**
 * A cache of floats in vectors of 16, as {@link CpuAttention} reads it: for CPU devices.
 *
 * @param shape of whole vectors of positions
 * @param scales {@code [2, L]}, what keys and values are multiplied by
 */
record CpuKvCache(KvShape shape, VectorFloat16 keys, VectorFloat16 values, FloatArray scales) implements KvCache {
    /** How many work-items are worth a split of the positions: some for each core. */
    private static final int USUAL_WORK_ITEMS = 64;

    /** Rows that share what is read of the cache, where there are many: what they are summed up in stays in the first cache. */
    private static final int ROWS_PER_BLOCK = 8;

    /** Batches of so many rows are blocks of one sequence, mostly; those of fewer are of a row of each. */
    private static final int MANY_ROWS = 16;

    /** Fewest positions for which splits of them pay. */
    private static final int LEAST_POSITIONS = 128;

    /** Whether heads are whole vectors. */
    static boolean holds(KvShape shape, KvFormat format) {
        return format == KvFormat.F32 && shape.keySize() % CpuAttention.LANES == 0
                && shape.valueSize() % CpuAttention.LANES == 0;
    }

    static CpuKvCache allocate(KvShape shape, FloatArray scales) {
        KvShape padded = shape.padded(CpuAttention.LANES);
        return new CpuKvCache(padded,
                new VectorFloat16(padded.arraySize(KvFormat.F32, padded.keySize()) / CpuAttention.LANES),
                new VectorFloat16(padded.arraySize(KvFormat.F32, padded.valueSize()) / CpuAttention.LANES), scales);
    }

    @Override
    public KvFormat format() {
        return KvFormat.F32;
    }

    @Override
    public Object[] arrays() {
        return new Object[]{keys, values, scales};
    }

    @Override
    public void touch(LayerGraph graph, String task) {
        graph.task(TaskPackage.createPackage(task, CpuKvCache::read, keys, values, scales, new VectorFloat16(1)), 1, 1);
    }

    private static void read(VectorFloat16 keys, VectorFloat16 values, FloatArray scales, VectorFloat16 witness) {
        for (@Parallel int i = 0; i < witness.getLength(); i++) {
            witness.set(i, Float16.add(Float16.add(keys.get(i), values.get(i)), CpuVectors.splat(scales.get(i))));
        }
    }

    @Override
    public void append(LayerGraph graph, String task, Heads keyHeads, Heads valueHeads, SequenceRows rows,
            IntArray layer) {
        shape.requireHeads(keyHeads, shape.keySize());
        shape.requireHeads(valueHeads, shape.valueSize());
        IntArray keyLayout = keyHeads.layout();
        IntArray valueLayout = valueHeads.layout();
        IntArray sizes = IntArray.fromElements(shape.sequences(), shape.positions());
        graph.constants(keyLayout, valueLayout, sizes);
        graph.task(TaskPackage.createPackage(task + "Keys", CpuAppend::appendKeys, keyHeads.rows().values(), keyLayout,
                rows.places(), layer, keyHeads.rows().shape(), sizes, keys), keyHeads.count() * keyHeads.size(),
                keyHeads.rows().capacity());
        graph.task(TaskPackage.createPackage(task + "Values", CpuAppend::appendValues, valueHeads.rows().values(),
                valueLayout, rows.places(), layer, valueHeads.rows().shape(), sizes, values),
                valueHeads.count() * valueHeads.size() / CpuAttention.LANES, valueHeads.rows().capacity());
    }

    @Override
    public void attend(LayerGraph graph, String task, Attention attention, Heads queries, SequenceRows rows,
            IntArray layer, Heads y) {
        int capacity = queries.rows().capacity();
        int block = capacity >= MANY_ROWS ? ROWS_PER_BLOCK : 1;
        int blocks = Math.ceilDiv(capacity, block);
        int splits = Math.clamp(USUAL_WORK_ITEMS / (blocks * shape.kvHeads()), 1,
                Math.ceilDiv(shape.positions(), LEAST_POSITIONS));
        int valueVectors = shape.valueSize() / CpuAttention.LANES;
        int group = queries.count() / shape.kvHeads();
        int parts = blocks * shape.kvHeads() * splits;
        VectorFloat16 states = new VectorFloat16(Math.multiplyExact(parts,
                (block * group + CpuAttention.TOGETHER) * (valueVectors + 2)));
        IntArray from = queries.layout();
        IntArray to = y.layout();
        IntArray sizes = IntArray.fromElements(shape.sequences(), shape.positions(), shape.kvHeads(), valueVectors,
                splits,
                block);
        IntArray joinSizes = IntArray.fromElements(splits, shape.kvHeads(), block, shape.layers());
        FloatArray settings = FloatArray.fromElements(attention.scale(), attention.softCap().orElse(0.0f));
        graph.constants(from, to, sizes, joinSizes, settings, states);
        WorkerGrid grid = new WorkerGrid2D(shape.kvHeads() * splits, blocks);
        grid.setLocalWork(1, 1, 1);
        graph.task(TaskPackage.createPackage(task + "Parts", CpuAttention::attendFloats, queries.rows().values(), from,
                keys, values, rows.places(), layer, attention.windows(), queries.rows().shape(), sizes, settings,
                states,
                attention.softCap().isPresent() ? 1 : 0), grid);
        FloatArray sinks = attention.sinks().orElse(scales);
        graph.task(TaskPackage.createPackage(task + "Join", CpuAttention::join, states, sinks, scales, layer,
                y.rows().shape(), joinSizes, y.rows().values(), to, attention.sinks().isPresent() ? 1 : 0),
                y.count() * valueVectors, capacity);
    }
}
