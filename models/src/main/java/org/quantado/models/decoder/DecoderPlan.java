package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.quantado.kernels.attention.KvCache;
import org.quantado.kernels.attention.KvFormat;
import org.quantado.kernels.attention.SequenceRows;
import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Profiled;
import org.quantado.kernels.graph.RowBatch;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.logits.LastRows;
import org.quantado.kernels.logits.TopLogits;
import org.quantado.kernels.matmul.RowBlocks;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A decoder on the device: one graph uploads what stays there, and for each number of rows there is one that looks ids up, one
 * for each kind of layer, which is executed once for each layer, and one that makes logits. Not thread-safe.
 */
final class DecoderPlan implements Profiled, AutoCloseable {
    /** Most rows of one execution: what bounds the buffers. */
    static final int MAX_ROWS = 256;
    /** Most rows whose logits are made by one execution: a vocabulary is wide. */
    static final int MAX_LOGITS = 64;

    /** A graph for up to so many rows is compiled when there are so many; fewer graphs start faster, more waste less. */
    private static final int[] ROW_BUCKETS = {1, 8, 64, MAX_ROWS};
    private static final int[] LOGIT_BUCKETS = {1, 8, MAX_LOGITS};

    /** Numbers that say what a row is: id, sequence, position, row of the table of angles. */
    private static final int FIELDS = 4;

    private final DecoderWeights weights;
    private final DeviceState state = new DeviceState();
    private final List<KvCache> caches = new ArrayList<>();
    private final FloatArray hidden;
    private final FloatArray attended;
    private final FloatArray logits;
    private final SequenceRows places = SequenceRows.allocate(MAX_ROWS);
    private final IntArray ropeRows = new IntArray(MAX_ROWS);
    private final TreeMap<Integer, RowGraphs> byRows = new TreeMap<>();
    private final TreeMap<Integer, LogitGraphs> byLogits = new TreeMap<>();
    private final int[] stackOf;
    private final int[] indexOf;
    private final GraphPlan plan;

    /**
     * @param step {@code [rows, 4]}, what rows are
     * @param layers graphs of the kinds of layers
     */
    private record RowGraphs(IntArray step, RowBatch embedded, int embed, List<RowBatch> batches, List<Integer> layers,
            FloatArray states, int hiddenStates, int attendedStates) {
    }

    private record LogitGraphs(IntArray chosen, RowBatch batch, int head, TopLogits best, int pick, FloatArray fetched,
            int fetch) {
    }

    /**
     * Uploads the weights and makes room for the cache.
     *
     * @param observed whether the states of every layer are to be read
     * @throws org.quantado.kernels.engine.DeviceException if the device has no room for them
     */
    DecoderPlan(DecoderWeights weights, int sequences, int positions, KvFormat format, boolean observed) {
        DeviceRoom.require(weights, sequences, format);
        this.weights = weights;
        int width = weights.spec().hidden();
        this.hidden = new FloatArray(Math.multiplyExact(MAX_ROWS, width));
        this.attended = new FloatArray(Math.multiplyExact(MAX_ROWS, width));
        this.logits = new FloatArray(Math.multiplyExact(MAX_LOGITS, weights.spec().vocabulary()));
        this.stackOf = new int[weights.spec().layers().size()];
        this.indexOf = new int[stackOf.length];
        enterArrays();
        for (int stack = 0; stack < weights.stacks().size(); stack++) {
            enter(weights.stacks().get(stack), stack, sequences, positions, format);
        }
        GraphPlan.Builder builder = new GraphPlan.Builder();
        int upload = builder.add(DeviceState.GRAPH, state::upload);
        for (int rows : ROW_BUCKETS) {
            byRows.put(rows, rowGraphs(builder, rows, observed));
        }
        for (int rows : LOGIT_BUCKETS) {
            byLogits.put(rows, logitGraphs(builder, rows));
        }
        this.plan = builder.build();
        plan.execute(upload);
    }

    private void enterArrays() {
        weights.enter(state);
        state.add(hidden);
        state.add(attended);
        state.add(logits);
        state.add(places.places());
        state.add(ropeRows);
    }

    private void enter(LayerStack stack, int number, int sequences, int positions, KvFormat format) {
        KvCache cache = KvCache.allocate(stack.cacheShape(sequences, positions), format,
                stack.cacheScales());
        caches.add(cache);
        state.add(cache);
        for (int i = 0; i < stack.layers().size(); i++) {
            stackOf[stack.layers().get(i).number()] = number;
            indexOf[stack.layers().get(i).number()] = i;
        }
    }

    private RowGraphs rowGraphs(GraphPlan.Builder builder, int capacity, boolean observed) {
        IntArray step = new IntArray(capacity * FIELDS);
        RowBatch embedded = new RowBatch(capacity);
        int embed = builder.add("embed" + capacity, graph -> embed(graph, step, embedded));
        List<RowBatch> batches = new ArrayList<>();
        List<Integer> layers = new ArrayList<>();
        for (int stack = 0; stack < weights.stacks().size(); stack++) {
            RowBatch batch = new RowBatch(capacity);
            LayerStack some = weights.stacks().get(stack);
            KvCache cache = caches.get(stack);
            layers.add(builder.add(some.name() + "rows" + capacity, graph -> layer(graph, some, batch, cache)));
            batches.add(batch);
        }
        if (!observed) {
            return new RowGraphs(step, embedded, embed, batches, layers, new FloatArray(1), 0, 0);
        }
        FloatArray states = new FloatArray(Math.multiplyExact(capacity, weights.spec().hidden()));
        return new RowGraphs(step, embedded, embed, batches, layers, states,
                builder.add("hidden" + capacity, graph -> fetch(graph, hidden, states)),
                builder.add("attended" + capacity, graph -> fetch(graph, attended, states)));
    }

    private void embed(LayerGraph graph, IntArray step, RowBatch batch) {
        state.consumeIn(graph);
        Rows x = LayerRows.rows(graph, batch, weights.spec().hidden()).with(hidden);
        IntArray ids = new IntArray(batch.capacity());
        graph.inputs(step);
        graph.task(TaskPackage.createPackage("unpack", DecoderPlan::unpack, step, x.shape(), ids, places.places(),
                ropeRows), batch.capacity(), 1);
        weights.embedding().addTo(graph, "lookUp", ids, x, weights.spec().embeddingFactor());
    }

    private static void unpack(IntArray step, IntArray shape, IntArray ids, IntArray places, IntArray ropeRows) {
        for (@Parallel int m = 0; m < shape.get(0); m++) {
            ids.set(m, step.get(4 * m));
            places.set(2 * m, step.get(4 * m + 1));
            places.set(2 * m + 1, step.get(4 * m + 2));
            ropeRows.set(m, step.get(4 * m + 3));
        }
    }

    private void layer(LayerGraph graph, LayerStack stack, RowBatch batch, KvCache cache) {
        state.consumeIn(graph);
        Rows x = LayerRows.rows(graph, batch, weights.spec().hidden()).with(hidden);
        LayerNumber number = stack.number();
        if (number.layers() == 1) {
            graph.constants(number.number());
        } else {
            graph.inputs(number.number());
        }
        LayerRows layer = new LayerRows(graph, batch, RowBlocks.ofLayer(graph, "blocks", number, batch.capacity()),
                number,
                places, ropeRows, cache, Taps.NONE);
        stack.addTo(layer, x, x.with(attended));
    }

    private LogitGraphs logitGraphs(GraphPlan.Builder builder, int capacity) {
        IntArray chosen = new IntArray(capacity);
        RowBatch batch = new RowBatch(capacity);
        int head = builder.add("head" + capacity, graph -> head(graph, chosen, batch));
        TopLogits[] best = new TopLogits[1];
        int pick = builder.add("pick" + capacity, graph -> {
            state.consumeIn(graph);
            Rows rows = batch.rows(weights.spec().vocabulary()).with(logits);
            graph.counts(capacity, rows.shape());
            best[0] = TopLogits.addTo(graph, "best", rows, 1);
            graph.outputs(best[0].ids());
        });
        FloatArray fetched = new FloatArray(Math.multiplyExact(capacity, weights.spec().vocabulary()));
        int fetch = builder.add("fetch" + capacity, graph -> fetch(graph, logits, fetched));
        return new LogitGraphs(chosen, batch, head, best[0], pick, fetched, fetch);
    }

    private void head(LayerGraph graph, IntArray chosen, RowBatch batch) {
        int width = weights.spec().hidden();
        state.consumeIn(graph);
        Rows all = LayerRows.rows(graph, batch, width).with(hidden);
        Rows some = LayerRows.rows(graph, batch, width);
        Rows normed = LayerRows.rows(graph, batch, width);
        Rows made = LayerRows.rows(graph, batch, weights.spec().vocabulary()).with(logits);
        IntArray onlyNorm = new IntArray(1);
        graph.inputs(chosen).constants(onlyNorm);
        LastRows.addTo(graph, "choose", all, chosen, some);
        weights.finalNorm().addTo(graph, "finalNorm", Heads.whole(some), onlyNorm, Heads.whole(normed));
        weights.head().addTo(graph, "logits", normed, RowBlocks.ofOneWeight(graph, 1, batch.capacity()), made);
        weights.logitScaling().addTo(graph, "scale", made);
    }

    /** Brings the first elements of an array that stays on the device back. */
    private void fetch(LayerGraph graph, FloatArray from, FloatArray to) {
        IntArray size = IntArray.fromElements(to.getSize());
        state.consumeIn(graph);
        graph.constants(size);
        graph.task(TaskPackage.createPackage("fetch", DecoderPlan::copy, from, size, to), to.getSize(), 1);
        graph.outputs(to);
    }

    private static void copy(FloatArray from, IntArray size, FloatArray to) {
        for (@Parallel int i = 0; i < size.get(0); i++) {
            to.set(i, from.get(i));
        }
    }

    /** What is told the states of layers. */
    interface Observer {
        /**
         * After a layer, or before the first.
         *
         * @param layer its number, -1 for the embedding
         * @param states {@code [rows, H]}, to be read at once
         */
        void hidden(int layer, FloatArray states, int rows);

        /** What attention gave. */
        void attended(int layer, FloatArray states, int rows);
    }

    /**
     * Runs rows through all layers.
     *
     * @param batch what they are, at most {@link #MAX_ROWS}
     * @param observer is told the states of layers; null for none
     */
    void run(StepRows batch, Observer observer) {
        int rows = batch.count();
        RowGraphs graphs = byRows.ceilingEntry(rows).getValue();
        for (int row = 0; row < rows; row++) {
            graphs.step.set(FIELDS * row, batch.id(row));
            graphs.step.set(FIELDS * row + 1, batch.sequence(row));
            graphs.step.set(FIELDS * row + 2, batch.position(row));
            graphs.step.set(FIELDS * row + 3, weights.ropeTable().row(batch.position(row), batch.length(row)));
        }
        graphs.embedded.setCount(rows);
        graphs.batches.forEach(some -> some.setCount(rows));
        plan.execute(graphs.embed);
        observe(observer, graphs, -1, rows);
        for (int layer = 0; layer < stackOf.length; layer++) {
            weights.stacks().get(stackOf[layer]).number().number().set(0, indexOf[layer]);
            plan.execute(graphs.layers.get(stackOf[layer]));
            observe(observer, graphs, layer, rows);
        }
    }

    private void observe(Observer observer, RowGraphs graphs, int layer, int rows) {
        if (observer == null) {
            return;
        }
        plan.execute(graphs.hiddenStates);
        observer.hidden(layer, graphs.states, rows);
        if (layer >= 0) {
            plan.execute(graphs.attendedStates);
            observer.attended(layer, graphs.states, rows);
        }
    }

    /**
     * Makes the logits of rows of the last {@link #run}.
     *
     * @param chosen their numbers
     * @param from the first to be made
     * @param count at most {@link #MAX_LOGITS}
     */
    private LogitGraphs makeLogits(int[] chosen, int from, int count) {
        LogitGraphs graphs = byLogits.ceilingEntry(count).getValue();
        for (int i = 0; i < count; i++) {
            graphs.chosen.set(i, chosen[from + i]);
        }
        graphs.batch.setCount(count);
        plan.execute(graphs.head);
        return graphs;
    }

    /** The ids of the largest logits of rows of the last {@link #run}. */
    void best(int[] chosen, int from, int count, int[] ids) {
        LogitGraphs graphs = makeLogits(chosen, from, count);
        plan.execute(graphs.pick);
        for (int i = 0; i < count; i++) {
            ids[from + i] = graphs.best.ids().get(i);
        }
    }

    /** The logits of rows of the last {@link #run}, {@code [count, V]}, to be read at once. */
    FloatArray logits(int[] chosen, int from, int count) {
        LogitGraphs graphs = makeLogits(chosen, from, count);
        plan.execute(graphs.fetch);
        return graphs.fetched;
    }

    /** Bytes of the cache. */
    long cacheBytes() {
        return caches.stream().mapToLong(cache -> DeviceLimits.bytes(cache.arrays())).sum();
    }

    /** Kernels that were compiled so far. */
    int kernels() {
        return plan.kernels();
    }

    @Override
    public void profile(boolean on) {
        plan.profile(on);
    }

    @Override
    public GraphTimes takeTimes() {
        return plan.takeTimes();
    }

    Map<String, GraphTimes> takeTimesByGraph() {
        return plan.takeTimesByGraph();
    }

    @Override
    public void close() {
        plan.close();
    }
}
