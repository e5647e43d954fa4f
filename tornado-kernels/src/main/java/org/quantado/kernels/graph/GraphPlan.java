package org.quantado.kernels.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.quantado.kernels.engine.Engine;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/** Graphs that are executed on the selected device, and what they hold there. Not thread-safe. */
public final class GraphPlan implements Profiled, AutoCloseable {
    private final TornadoExecutionPlan plan;
    private final List<String> names;
    private final List<Integer> tasks;
    private final BitSet executed = new BitSet();
    private final Map<String, GraphTimes> times = new LinkedHashMap<>();
    private boolean profiled;

    private GraphPlan(GridScheduler grids, List<ImmutableTaskGraph> graphs, List<String> names, List<Integer> tasks) {
        this.names = List.copyOf(names);
        this.tasks = List.copyOf(tasks);
        plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
        plan.withGridScheduler(grids);
        Engine.selectedDevice().ifPresent(plan::withDevice);
    }

    /** Graphs of a plan, added one after another. */
    public static final class Builder {
        private final GridScheduler grids = new GridScheduler();
        private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
        private final List<String> names = new ArrayList<>();
        private final List<Integer> tasks = new ArrayList<>();

        public Builder() {
            Engine.ensureInstalled();
        }

        /**
         * Adds a graph.
         *
         * @param name unique in the plan
         * @return its number, for {@link GraphPlan#execute(int)}
         */
        public int add(String name, Consumer<LayerGraph> content) {
            LayerGraph graph = new LayerGraph(name, grids);
            content.accept(graph);
            graphs.add(graph.snapshot());
            names.add(name);
            tasks.add(graph.tasks());
            return graphs.size() - 1;
        }

        public GraphPlan build() {
            return new GraphPlan(grids, graphs, names, tasks);
        }
    }

    /** A plan of one graph, with what {@code content} adds to it. */
    public static GraphPlan of(String name, Consumer<LayerGraph> content) {
        Builder builder = new Builder();
        builder.add(name, content);
        return builder.build();
    }

    /** Executes the only graph. */
    public void execute() {
        execute(0);
    }

    /** Executes one graph. A TornadoVM plan keeps every result until it is closed, but not those of {@code withGraph}. */
    public void execute(int graph) {
        TornadoExecutionResult result = plan.withGraph(graph).execute();
        executed.set(graph);
        if (profiled) {
            times.merge(names.get(graph), GraphTimes.of(result.getProfilerResult()), GraphTimes::plus);
        }
    }

    /** Tasks of the graphs that were executed so far, for each of which TornadoVM has compiled a kernel. */
    public int kernels() {
        return executed.stream().map(tasks::get).sum();
    }

    @Override
    public void profile(boolean on) {
        profiled = on;
        if (on) {
            plan.withProfiler(ProfilerMode.SILENT);
        } else {
            plan.withoutProfiler();
        }
    }

    @Override
    public GraphTimes takeTimes() {
        return takeTimesByGraph().values().stream().reduce(GraphTimes.NONE, GraphTimes::plus);
    }

    /** As {@link #takeTimes}, by the names of the graphs, in the order in which they were first executed. */
    public Map<String, GraphTimes> takeTimesByGraph() {
        Map<String, GraphTimes> taken = new LinkedHashMap<>(times);
        times.clear();
        return taken;
    }

    /** Frees the device's memory. */
    @Override
    public void close() {
        try {
            plan.withAllGraphs().freeDeviceMemory();
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("the device's memory could not be freed: " + e.getMessage(), e);
        }
    }
}
