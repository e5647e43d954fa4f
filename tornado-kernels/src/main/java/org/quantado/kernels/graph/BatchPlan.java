package org.quantado.kernels.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;

import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.engine.Engine;

/**
 * One execution plan for batches of any size: a graph that uploads the layer's weights, and for each way in one graph per
 * bucket of rows, which finds them on the device.
 *
 * <p>Graphs cannot be added to a plan, so the first batch of a new bucket rebuilds it and uploads the weights again.
 * Buckets are few and the kernels skip the rows beyond the batch. Not thread-safe.
 */
public final class BatchPlan implements Profiled, AutoCloseable {
    /** Most rows of one execution; a larger batch is run in slices of this many, which bounds the buffers. */
    public static final int MAX_ROWS = 256;

    /** Rows of the buckets: those of the blocks that kernels multiply together, and powers of 4. */
    private static final NavigableSet<Integer> BUCKETS = new TreeSet<>(List.of(1, 4, 8, 16, 64, MAX_ROWS));

    private static final String WEIGHTS = "weights";

    private final Weights weights;
    private final List<WayIn<?>> waysIn = new ArrayList<>();
    private GraphPlan plan;
    private boolean profiled;
    private GraphTimes earlierTimes = GraphTimes.NONE;

    /** The weights of a layer: what stays on the device while the plan lives. */
    public interface Weights {
        /** Uploads and persists {@link #arrays()}, in a graph with at least one task that reads each of them. */
        void upload(LayerGraph graph);

        Object[] arrays();
    }

    /** A plan that has no way in yet. */
    public BatchPlan(Weights weights) {
        this.weights = weights;
        Engine.ensureInstalled();
    }

    /**
     * Adds a kind of batch.
     *
     * @param name unique among the ways into this plan
     * @param batchGraph adds a batch's tasks to a graph in which the weights are on the device already, for as many
     *     rows as its second argument says, and returns the buffers of that graph
     */
    public <B> WayIn<B> wayIn(String name, BiFunction<LayerGraph, Integer, B> batchGraph) {
        WayIn<B> wayIn = new WayIn<>(name, batchGraph);
        waysIn.add(wayIn);
        return wayIn;
    }

    /**
     * Batches of one kind.
     *
     * @param <B> the arrays that carry a batch to the device and back
     */
    public final class WayIn<B> {
        private final String name;
        private final BiFunction<LayerGraph, Integer, B> batchGraph;
        private final NavigableMap<Integer, Bucket<B>> buckets = new TreeMap<>();

        private record Bucket<B>(int graph, B buffers) {
        }

        private WayIn(String name, BiFunction<LayerGraph, Integer, B> batchGraph) {
            this.name = name;
            this.batchGraph = batchGraph;
        }

        /** The buffers of the smallest bucket that holds this many rows, at most {@link #MAX_ROWS}. */
        public B buffersFor(int rows) {
            return bucketFor(rows).buffers;
        }

        /** Runs the graph of {@link #buffersFor} the same number of rows. */
        public void execute(int rows) {
            int graph = bucketFor(rows).graph;
            plan.execute(graph);
        }

        private Bucket<B> bucketFor(int rows) {
            int capacity = BUCKETS.ceiling(rows);
            if (plan == null || buckets.get(capacity) == null) {
                buckets.put(capacity, null);
                rebuild();
            }
            return buckets.get(capacity);
        }

        private void addGraphs(GraphPlan.Builder graphs) {
            buckets.replaceAll((capacity, old) -> {
                List<B> buffers = new ArrayList<>();
                int graph = graphs.add(name + capacity, some -> buffers
                        .add(batchGraph.apply(some.consume(WEIGHTS, weights.arrays()), capacity)));
                return new Bucket<>(graph, buffers.getFirst());
            });
        }
    }

    @Override
    public void profile(boolean on) {
        profiled = on;
        if (plan != null) {
            plan.profile(on);
        }
    }

    @Override
    public GraphTimes takeTimes() {
        GraphTimes taken = plan == null ? earlierTimes : earlierTimes.plus(plan.takeTimes());
        earlierTimes = GraphTimes.NONE;
        return taken;
    }

    private void rebuild() {
        close();
        DeviceLimits.requireFit(weights.arrays());
        GraphPlan.Builder graphs = new GraphPlan.Builder();
        int upload = graphs.add(WEIGHTS, weights::upload);
        waysIn.forEach(wayIn -> wayIn.addGraphs(graphs));
        plan = graphs.build();
        plan.execute(upload);
        plan.profile(profiled);
    }

    /** Bytes of the weights, which stay on the device while the plan lives. */
    public long weightBytes() {
        return DeviceLimits.bytes(weights.arrays());
    }

    /** Frees the device's memory; the next execution would take it again. */
    @Override
    public void close() {
        if (plan == null) {
            return;
        }
        earlierTimes = takeTimes();
        try {
            plan.close();
        } finally {
            plan = null;
        }
    }
}
