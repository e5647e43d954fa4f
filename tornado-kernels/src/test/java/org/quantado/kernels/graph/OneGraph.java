package org.quantado.kernels.graph;

import java.util.function.Consumer;

import org.quantado.kernels.engine.Engine;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/** A plan of a single graph, on whichever engine runs the tests. */
public final class OneGraph implements AutoCloseable {
    private final TornadoExecutionPlan plan;

    public OneGraph(Consumer<LayerGraph> tasks) {
        Engine.ensureInstalled();
        GridScheduler grids = new GridScheduler();
        LayerGraph graph = new LayerGraph("tested", grids);
        tasks.accept(graph);
        plan = new TornadoExecutionPlan(graph.snapshot());
        plan.withGridScheduler(grids);
    }

    public void execute() {
        plan.execute();
    }

    @Override
    public void close() {
        try {
            plan.freeDeviceMemory();
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException(e);
        }
    }
}
