package org.quantado.host.rules;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/** Runs graphs whose one task is named {@code t}. */
final class Execute {
    private Execute() {
    }

    static void once(TaskGraph graph) throws TornadoExecutionPlanException {
        times(1, graph);
    }

    static void times(int times, TaskGraph graph) throws TornadoExecutionPlanException {
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            for (int i = 0; i < times; i++) {
                plan.execute();
            }
        }
    }

    static void onItems(int items, int group, TaskGraph graph) throws TornadoExecutionPlanException {
        WorkerGrid grid = new WorkerGrid1D(items);
        grid.setLocalWork(group, 1, 1);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(new GridScheduler(graph.getTaskGraphName() + ".t", grid)).execute();
        }
    }
}
