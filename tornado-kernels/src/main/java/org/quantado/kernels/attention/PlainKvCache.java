package org.quantado.kernels.attention;

import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.matmul.Flavour;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A cache in plain arrays. A head of n words has its elements f * n to f * n + n - 1 in the f-th bits of the words, f = 0 the
 * lowest.
 *
 * @param lanes positions whose keys lie side by side: 16 for {@link HostAttention}, 1 for {@link AttentionKernels}
 * @param scales {@code [2, L]}, what keys and values are multiplied by
 * @param table the value of each code
 */
record PlainKvCache(KvShape shape, KvFormat format, int lanes, KvWords keys, KvWords values, FloatArray table,
        FloatArray scales) implements KvCache {
    /** How many work-items for a query are worth a split of its positions. */
    private static final int USUAL_WORK_ITEMS = 256;

    /** Fewest positions for which splits of them pay. */
    private static final int LEAST_POSITIONS = 64;

    /** @param flavour the host one where it has kernels for such heads, else the portable one is used */
    static PlainKvCache allocate(KvShape shape, KvFormat format, FloatArray scales, Flavour flavour) {
        int lanes = flavour == Flavour.HOST && HostAttention.holds(shape, format) ? HostBuffers.POSITIONS : 1;
        KvShape padded = shape.padded(lanes);
        return new PlainKvCache(padded, format, lanes,
                KvWords.allocate(format, padded.arraySize(format, shape.keySize())),
                KvWords.allocate(format, padded.arraySize(format, shape.valueSize())), format.table(), scales);
    }

    @Override
    public Object[] arrays() {
        return new Object[]{keys.floats(), keys.codes(), values.floats(), values.codes(), table, scales};
    }

    @Override
    public void touch(LayerGraph graph, String task) {
        graph.task(TaskPackage.createPackage(task, PlainKvCache::read, keys.floats(), keys.codes(), values.floats(),
                values.codes(), table, scales, new FloatArray(1)), 1, 1);
    }

    private static void read(FloatArray keyFloats, IntArray keyCodes, FloatArray valueFloats, IntArray valueCodes,
            FloatArray table, FloatArray scales, FloatArray witness) {
        for (@Parallel int i = 0; i < witness.getSize(); i++) {
            int codes = keyCodes.get(i) + valueCodes.get(i);
            witness.set(i, keyFloats.get(i) + valueFloats.get(i) + table.get(i) + scales.get(i) + codes);
        }
    }

    @Override
    public void append(LayerGraph graph, String task, Heads keyHeads, Heads valueHeads, SequenceRows rows,
            IntArray layer) {
        append(graph, task + "Keys", keyHeads, shape.keySize(), keys, 0, lanes, rows, layer);
        append(graph, task + "Values", valueHeads, shape.valueSize(), values, shape.layers(), 1, rows, layer);
    }

    private void append(LayerGraph graph, String task, Heads x, int size, KvWords to, int firstScale, int side,
            SequenceRows rows, IntArray layer) {
        shape.requireHeads(x, size);
        IntArray from = x.layout();
        IntArray sizes = IntArray.fromElements(shape.sequences(), shape.positions(), firstScale, side);
        graph.constants(from, sizes);
        FloatArray heads = x.rows().values();
        IntArray count = x.rows().shape();
        graph.task(switch (format) {
            case F32 -> TaskPackage.createPackage(task, AppendKernels::appendFloats, heads, from, rows.places(), layer,
                    count, sizes, to.floats());
            case F16, BF16 -> TaskPackage.createPackage(task, AppendKernels::appendHalves, heads, from, rows.places(),
                    layer, count, sizes, to.codes(), format == KvFormat.F16 ? 1 : 0);
            case E4M3 -> TaskPackage.createPackage(task, AppendKernels::appendBytes, heads, from, scales, rows.places(),
                    layer, count, sizes, to.codes(), E4M3.INVERSE_NORMAL, E4M3.STEPS_PER_OCTAVE, E4M3.NAN_CODE - 1,
                    E4M3.SIGN_BIT, E4M3.NAN_CODE);
        }, x.count() * size / format.perWord(), x.rows().capacity());
    }

    @Override
    public void attend(LayerGraph graph, String task, Attention attention, Heads queries, SequenceRows rows,
            IntArray layer, Heads y) {
        if (lanes == 1) {
            attendByLoops(graph, task, attention, queries, rows, layer, y);
        } else {
            HostAttention.addTo(graph, task, attention, this, queries, rows, layer, y);
        }
    }

    private void attendByLoops(LayerGraph graph, String task, Attention attention, Heads queries, SequenceRows rows,
            IntArray layer, Heads y) {
        int capacity = queries.rows().capacity();
        int splits = splits(queries.count() * capacity);
        PartialSums sums = PartialSums.allocate(capacity, queries.count(), splits, shape.valueSize());
        IntArray from = queries.layout();
        IntArray sizes = IntArray.fromElements(shape.sequences(), shape.positions(), shape.kvHeads(), shape.valueSize(),
                splits, AttentionKernels.BLOCK);
        FloatArray settings = FloatArray.fromElements(attention.scale(), attention.softCap().orElse(0.0f));
        graph.constants(from, sizes, settings);
        FloatArray heads = queries.rows().values();
        IntArray count = queries.rows().shape();
        graph.task(format == KvFormat.F32
                ? TaskPackage.createPackage(task + "Parts", AttentionKernels::attendFloats, heads, from, keys.floats(),
                        values.floats(), rows.places(), layer, attention.windows(), count, sizes, settings,
                        sums.values())
                : TaskPackage.createPackage(task + "Parts", AttentionKernels::attendCodes, heads, from, keys.codes(),
                        values.codes(), table, scales, rows.places(), layer, attention.windows(), count, sizes,
                        settings,
                        sums.values(), format.perWord()),
                queries.count() * splits, capacity);
        sums.addJoin(graph, task + "Join", attention, scales, layer, y);
    }

    private int splits(int queries) {
        return Math.clamp(USUAL_WORK_ITEMS / queries, 1, Math.ceilDiv(shape.positions(), LEAST_POSITIONS));
    }
}
