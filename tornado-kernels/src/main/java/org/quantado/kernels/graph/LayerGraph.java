package org.quantado.kernels.graph;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/** A TaskGraph under construction, and the worker grids of its tasks. */
public final class LayerGraph {
    /** Fits every device class: OpenCL asks for no more than 1 but all have 64, and 64 threads of 255 registers fit. */
    private static final int WORK_GROUP_SIZE = 64;

    private final String name;
    private final TaskGraph graph;
    private final GridScheduler grids;
    private int tasks;

    /**
     * @param name the graph's name, unique among the graphs of a plan
     * @param grids where the worker grids of the tasks are entered
     */
    public LayerGraph(String name, GridScheduler grids) {
        this.name = name;
        this.graph = new TaskGraph(name);
        this.grids = grids;
    }

    /** Arrays that are copied to the device once: weights and tables. */
    public LayerGraph constants(Object... arrays) {
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays);
        return this;
    }

    /** Arrays that are copied to the device before each execution. */
    public LayerGraph inputs(Object... arrays) {
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, arrays);
        return this;
    }

    /**
     * Shapes of {@link Rows}: copied to the device before each execution, unless there is only one number of rows that
     * they can say.
     */
    public LayerGraph counts(int capacity, Object... shapes) {
        return capacity == 1 ? constants(shapes) : inputs(shapes);
    }

    /** Arrays that are copied back after each execution. */
    public LayerGraph outputs(Object... arrays) {
        graph.transferToHost(DataTransferMode.EVERY_EXECUTION, arrays);
        return this;
    }

    /** Arrays of this graph that later graphs of the plan find on the device. Each must be an argument of a task. */
    public LayerGraph persist(Object... arrays) {
        graph.persistOnDevice(arrays);
        return this;
    }

    /** Arrays that graph {@code source} of the plan left on the device. */
    public LayerGraph consume(String source, Object... arrays) {
        graph.consumeFromDevice(source, arrays);
        return this;
    }

    /**
     * A task whose kernel has two nested parallel loops of these lengths.
     *
     * <p>The loops stride by the grid's size and keep their bounds, so the grid is rounded up to whole work-groups.
     */
    public LayerGraph task(TaskPackage task, int outerLoop, int innerLoop) {
        WorkerGrid grid = new WorkerGrid2D(Math.ceilDiv(outerLoop, WORK_GROUP_SIZE) * WORK_GROUP_SIZE,
                innerLoop);
        grid.setLocalWork(WORK_GROUP_SIZE, 1, 1);
        return task(task, grid);
    }

    /** A task with a grid of its own. */
    public LayerGraph task(TaskPackage task, WorkerGrid grid) {
        graph.addTask(task);
        grids.addWorkerGrid(name + "." + task.getId(), grid);
        tasks++;
        return this;
    }

    /** How many tasks it has so far. */
    public int tasks() {
        return tasks;
    }

    public ImmutableTaskGraph snapshot() {
        return graph.snapshot();
    }
}
