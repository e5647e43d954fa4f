package org.quantado.kernels.graph;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.engine.Engine;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/**
 * One execution plan for batches of any size: a graph that uploads the layer's weights, and one graph per bucket of
 * rows that finds them on the device.
 *
 * <p>Graphs cannot be added to a plan, so the first batch of a new bucket rebuilds it and uploads the weights again.
 * Buckets are few (1, 4, 16, 64, 256 rows) and the kernels skip the rows beyond the batch. Not thread-safe.
 *
 * @param <B> the arrays that carry a batch to the device and back
 */
public final class BatchPlan<B> implements AutoCloseable {
    /** Most rows of one execution; a larger batch is run in slices of this many, which bounds the buffers. */
    public static final int MAX_ROWS = 256;

    private static final int BUCKET_GROWTH = 4;
    private static final int WEIGHTS_GRAPH = 0;

    private final Weights weights;
    private final BiFunction<LayerGraph, Integer, B> batchGraph;
    private final NavigableMap<Integer, Bucket<B>> buckets = new TreeMap<>();
    private TornadoExecutionPlan plan;
    private boolean profiled;
    private GraphTimes lastTimes = GraphTimes.NONE;

    /** The weights of a layer: what stays on the device while the plan lives. */
    public interface Weights {
        /** Uploads and persists {@link #arrays()}, in a graph with at least one task that reads each of them. */
        void upload(LayerGraph graph);

        Object[] arrays();
    }

    private record Bucket<B>(int index, B buffers) {
    }

    /**
     * @param batchGraph adds a batch's tasks to a graph in which the weights are on the device already, for as many
     *     rows as its second argument says, and returns the buffers of that graph
     */
    public BatchPlan(Weights weights, BiFunction<LayerGraph, Integer, B> batchGraph) {
        this.weights = weights;
        this.batchGraph = batchGraph;
        Engine.ensureInstalled();
    }

    /** The buffers of the smallest bucket that holds this many rows, at most {@link #MAX_ROWS}. */
    public B buffersFor(int rows) {
        return bucketFor(rows).buffers;
    }

    /** Runs the graph of {@link #buffersFor} the same number of rows. */
    public void execute(int rows) {
        TornadoExecutionResult result = plan.withGraph(bucketFor(rows).index).execute();
        if (profiled) {
            lastTimes = GraphTimes.of(result.getProfilerResult());
        }
    }

    /** From now on {@link #lastTimes} says what an execution took; executions take a little longer for it. */
    public void profile() {
        profiled = true;
        if (plan != null) {
            plan.withProfiler(ProfilerMode.SILENT);
        }
    }

    /** What the last execution took on the device, where {@link #profile} was called before it. */
    public GraphTimes lastTimes() {
        return lastTimes;
    }

    private Bucket<B> bucketFor(int rows) {
        int capacity = 1;
        while (capacity < rows) {
            capacity *= BUCKET_GROWTH;
        }
        if (!buckets.containsKey(capacity)) {
            buckets.put(capacity, new Bucket<>(WEIGHTS_GRAPH, null));
            rebuild();
        }
        return buckets.get(capacity);
    }

    private void rebuild() {
        close();
        DeviceLimits.requireFit(weights.arrays());
        GridScheduler grids = new GridScheduler();
        ImmutableTaskGraph[] graphs = new ImmutableTaskGraph[buckets.size() + 1];
        LayerGraph weightsGraph = new LayerGraph("weights", grids);
        weights.upload(weightsGraph);
        graphs[WEIGHTS_GRAPH] = weightsGraph.snapshot();
        int index = WEIGHTS_GRAPH;
        for (var bucket : buckets.entrySet()) {
            index++;
            LayerGraph graph = new LayerGraph("rows" + bucket.getKey(), grids).consume("weights",
                    weights.arrays());
            bucket.setValue(new Bucket<>(index, batchGraph.apply(graph, bucket.getKey())));
            graphs[index] = graph.snapshot();
        }
        plan = new TornadoExecutionPlan(graphs);
        plan.withGridScheduler(grids);
        if (profiled) {
            plan.withProfiler(ProfilerMode.SILENT);
        }
        Engine.selectedDevice().ifPresent(plan::withDevice);
        plan.withGraph(WEIGHTS_GRAPH).execute();
    }

    /** Frees the device's memory; the next execution would take it again. */
    @Override
    public void close() {
        if (plan == null) {
            return;
        }
        try {
            plan.withAllGraphs().freeDeviceMemory();
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("the device's memory could not be freed: " + e.getMessage(), e);
        } finally {
            plan = null;
        }
    }
}
