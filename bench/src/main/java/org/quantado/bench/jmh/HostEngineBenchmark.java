package org.quantado.bench.jmh;

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.quantado.kernels.engine.Engine;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What the host engine adds to kernels: nanoseconds per work-item, per barrier of a work-item, per iteration of a
 * {@code @Parallel} loop, per task and per graph. Kernels do next to nothing; executions copy nothing but their counts.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class HostEngineBenchmark {
    private static final int ITEMS = 1 << 16;
    private static final int WAITING_ITEMS = 1 << 12;
    private static final int BARRIERS = 16;
    private static final int GROUP = 256;
    private static final int FEW = 16;
    private static final int TASKS = 64;

    private final KernelContext context = new KernelContext();
    private final IntArray values = new IntArray(ITEMS);
    private final IntArray few = new IntArray(FEW);
    private TornadoExecutionPlan items;
    private TornadoExecutionPlan waitingItems;
    private TornadoExecutionPlan iterations;
    private TornadoExecutionPlan tasks;

    /** Makes a plan for each kernel; checks what they compute. */
    @Setup(Level.Trial)
    public void plan() throws TornadoExecutionPlanException {
        Engine.ensureInstalled();
        items = plan(graph("items").task("t", HostEngineBenchmark::writeId, context, values), "items.t", ITEMS);
        waitingItems = plan(graph("waiting").task("t", HostEngineBenchmark::passLeft, context, values), "waiting.t",
                WAITING_ITEMS);
        iterations = new TornadoExecutionPlan(
                graph("iterations").task("t", HostEngineBenchmark::writeIndex, values).persistOnDevice(values)
                        .snapshot());
        TaskGraph many = graph("tasks");
        for (int t = 0; t < TASKS; t++) {
            many.task("t" + t, HostEngineBenchmark::writeFew, values);
        }
        tasks = new TornadoExecutionPlan(many.persistOnDevice(values).snapshot());
        check(items, ITEMS - 1);
        check(waitingItems, 0);
        check(iterations, ITEMS - 1);
        check(tasks, 0);
    }

    private static TaskGraph graph(String name) {
        return new TaskGraph(name);
    }

    private TornadoExecutionPlan plan(TaskGraph graph, String task, int size) {
        WorkerGrid1D grid = new WorkerGrid1D(size);
        grid.setLocalWork(GROUP, 1, 1);
        return new TornadoExecutionPlan(graph.persistOnDevice(values).snapshot())
                .withGridScheduler(new GridScheduler(task, grid));
    }

    private void check(TornadoExecutionPlan plan, int expectedLast) throws TornadoExecutionPlanException {
        values.init(-1);
        plan.execute().transferToHost(values);
        if (expectedLast > 0 && values.get(expectedLast) != expectedLast) {
            throw new IllegalStateException(
                    "the last element is " + values.get(expectedLast) + ", not " + expectedLast);
        }
    }

    /** Closes the plans. */
    @TearDown(Level.Trial)
    public void close() throws TornadoExecutionPlanException {
        for (TornadoExecutionPlan plan : new TornadoExecutionPlan[]{items, waitingItems, iterations, tasks}) {
            plan.close();
        }
    }

    private static void writeId(KernelContext context, IntArray values) {
        values.set(context.globalIdx, context.globalIdx);
    }

    private static void passLeft(KernelContext context, IntArray values) {
        int[] local = context.allocateIntLocalArray(GROUP);
        int here = context.localIdx;
        local[here] = context.globalIdx;
        for (int b = 0; b < BARRIERS / 2; b++) {
            context.localBarrier();
            int next = local[(here + 1) % GROUP];
            context.localBarrier();
            local[here] = next;
        }
        values.set(context.globalIdx, local[here]);
    }

    private static void writeIndex(IntArray values) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, i);
        }
    }

    private static void writeFew(IntArray values) {
        for (@Parallel int i = 0; i < FEW; i++) {
            values.set(i, i);
        }
    }

    /** A work-item that writes its id. */
    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public Object workItem() throws TornadoExecutionPlanException {
        return items.execute();
    }

    /** A barrier of a work-item, in groups of 256. */
    @Benchmark
    @OperationsPerInvocation(WAITING_ITEMS * BARRIERS)
    public Object barrier() throws TornadoExecutionPlanException {
        return waitingItems.execute();
    }

    /** An iteration that writes its index. */
    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public Object parallelIteration() throws TornadoExecutionPlanException {
        return iterations.execute();
    }

    /** A task of 16 iterations, one of 64 in a graph. */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public Object quickTask() throws TornadoExecutionPlanException {
        return tasks.execute();
    }

    /** A new graph and plan of a known kernel, executed once. */
    @Benchmark
    public Object newGraph() throws TornadoExecutionPlanException {
        TaskGraph graph = graph("new").transferToDevice(DataTransferMode.FIRST_EXECUTION, few)
                .task("t", HostEngineBenchmark::writeFew, few);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            return plan.execute();
        }
    }
}
