package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.FIRST_EXECUTION;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoProfilerResult;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What a plan offers around its graphs. */
@Tag("device")
@ExtendWith(EngineExtension.class)
class ExecutionPlansTest {
    private static final int SIZE = 256;

    private final FloatArray x = new FloatArray(SIZE);
    private final FloatArray y = new FloatArray(SIZE);

    static void copy(FloatArray from, FloatArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void twice(FloatArray from, FloatArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, 2 * from.get(i));
        }
    }

    static void increment(FloatArray values) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, values.get(i) + 1);
        }
    }

    static void countVisits(KernelContext context, IntArray visits) {
        visits.set(context.globalIdx, visits.get(context.globalIdx) + 1);
    }

    static void addTo(IntArray values, int amount) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, values.get(i) + amount);
        }
    }

    private TaskGraph copyGraph(String name) {
        return new TaskGraph(name).transferToDevice(EVERY_EXECUTION, x)
                .task("t", ExecutionPlansTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y);
    }

    @Test
    void compilesAheadOfTime() throws Exception {
        x.init(4);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(copyGraph("ahead").snapshot())) {
            plan.withPreCompilation();
            assertThat(y.get(0)).isZero();
            plan.execute();
            assertThat(y.toHeapArray()).containsOnly(4);
        }
    }

    @Test
    void warmingUpIsExecuting() throws Exception {
        TaskGraph graph = new TaskGraph("warm").transferToDevice(FIRST_EXECUTION, y)
                .task("t", ExecutionPlansTest::increment, y).transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withWarmUpIterations(5).execute();
            assertThat(y.toHeapArray()).containsOnly(6);
        }
    }

    @Test
    void runsOnTheDeviceThatIsGiven() throws Exception {
        x.init(4);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(copyGraph("given").snapshot())) {
            plan.withDevice(TornadoExecutionPlan.getDevice(0, 0)).withDefaultScheduler().execute();
            assertThat(y.toHeapArray()).containsOnly(4);
            assertThat(plan.getDevice(0)).isEqualTo(TornadoExecutionPlan.getDevice(0, 0));
        }
    }

    @Test
    void severalGraphsRunOneByOneOrAllInOrder() throws Exception {
        x.init(4);
        FloatArray z = new FloatArray(SIZE);
        TaskGraph first = copyGraph("first");
        TaskGraph second = new TaskGraph("second").transferToDevice(EVERY_EXECUTION, y)
                .task("t", ExecutionPlansTest::twice, y, z).transferToHost(EVERY_EXECUTION, z);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(first.snapshot(), second.snapshot())) {
            plan.withGraph(1).execute();
            assertThat(z.toHeapArray()).containsOnly(0);
            plan.withGraph(0).execute();
            assertThat(y.toHeapArray()).containsOnly(4);
            assertThat(z.toHeapArray()).containsOnly(0);
            x.init(5);
            plan.withAllGraphs().execute();
            assertThat(y.toHeapArray()).containsOnly(5);
            assertThat(z.toHeapArray()).containsOnly(10);
        }
    }

    @Test
    void oneGridSchedulerServesAllGraphs() throws Exception {
        IntArray few = new IntArray(SIZE);
        IntArray many = new IntArray(SIZE);
        KernelContext context = new KernelContext();
        TaskGraph first = visits("few", context, few);
        TaskGraph second = visits("many", context, many);
        GridScheduler grids = new GridScheduler();
        WorkerGrid1D quarter = new WorkerGrid1D(SIZE / 4);
        quarter.setLocalWork(16, 1, 1);
        WorkerGrid1D all = new WorkerGrid1D(SIZE);
        all.setLocalWork(64, 1, 1);
        grids.addWorkerGrid("few.t", quarter);
        grids.addWorkerGrid("many.t", all);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(first.snapshot(), second.snapshot())) {
            plan.withGridScheduler(grids);
            plan.withGraph(0).execute();
            plan.withGraph(1).execute();
        }
        assertThat(IntStream.of(few.toHeapArray()).sum()).isEqualTo(SIZE / 4);
        assertThat(IntStream.of(many.toHeapArray()).sum()).isEqualTo(SIZE);
    }

    private static TaskGraph visits(String name, KernelContext context, IntArray visits) {
        return new TaskGraph(name).transferToDevice(EVERY_EXECUTION, visits)
                .task("t", ExecutionPlansTest::countVisits, context, visits)
                .transferToHost(EVERY_EXECUTION, visits);
    }

    @Test
    void profilesTimesAndBytes() throws Exception {
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(copyGraph("profiled").snapshot())) {
            TornadoProfilerResult profile = plan.withProfiler(ProfilerMode.SILENT).execute()
                    .getProfilerResult();
            assertThat(profile.getDeviceKernelTime()).isPositive();
            assertThat(profile.getTotalTime()).isGreaterThanOrEqualTo(profile.getDeviceKernelTime());
            assertThat(profile.getTotalBytesCopyIn()).isGreaterThanOrEqualTo(4L * SIZE);
            assertThat(profile.getTotalBytesCopyOut()).isGreaterThanOrEqualTo(4L * SIZE);
            assertThat(profile.getDeviceWriteTime()).isPositive();
            assertThat(profile.getDeviceReadTime()).isPositive();
            assertThat(profile.getProfileLog())
                    .containsPattern("\"profiled\\.t\": \\{[^}]*\"TASK_KERNEL_TIME\": \"\\d+\"");
        }
    }

    @Test
    void withoutAProfilerThereIsNothingToRead() throws Exception {
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(copyGraph("unprofiled").snapshot())) {
            assertThat(plan.execute().getProfilerResult().getDeviceKernelTime()).isZero();
        }
    }

    @Test
    void plansOfDifferentThreadsDoNotDisturbEachOther() throws Exception {
        List<Callable<int[]>> users = IntStream.range(0, 6).mapToObj(this::user).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(users.size())) {
            List<Future<int[]>> results = threads.invokeAll(users);
            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i).get()).containsOnly(10 * (i + 1));
            }
        }
    }

    private Callable<int[]> user(int index) {
        return () -> {
            IntArray values = new IntArray(1000);
            TaskGraph graph = new TaskGraph("user" + index).transferToDevice(EVERY_EXECUTION, values)
                    .task("t", ExecutionPlansTest::addTo, values, index + 1)
                    .transferToHost(EVERY_EXECUTION, values);
            try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
                for (int i = 0; i < 10; i++) {
                    plan.execute();
                }
            }
            return values.toHeapArray();
        };
    }
}
