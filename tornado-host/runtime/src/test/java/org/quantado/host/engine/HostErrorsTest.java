package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.FIRST_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.UNDER_DEMAND;

import java.time.Duration;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.host.EngineExtension;
import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What a device would answer with garbage or a crash, the host engine answers with one clear sentence. */
@ExtendWith(EngineExtension.class)
class HostErrorsTest {
    private static final int SIZE = 64;

    private final FloatArray x = new FloatArray(SIZE);
    private final FloatArray y = new FloatArray(SIZE);
    private final KernelContext context = new KernelContext();

    static void copy(FloatArray from, FloatArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void readPastTheEnd(FloatArray from, FloatArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i == 50 ? 1000 : i));
        }
    }

    static void divide(KernelContext context, IntArray values) {
        int i = context.globalIdx;
        values.set(i, 100 / values.get(i));
    }

    static void divideTogether(KernelContext context, IntArray values) {
        int i = context.globalIdx;
        values.set(i, 100 / values.get(i));
        context.localBarrier();
    }

    static void someWait(KernelContext context, IntArray values) {
        if (context.localIdx < 7) {
            context.localBarrier();
        }
        values.set(context.globalIdx, 1);
    }

    static void allocateDifferently(KernelContext context, IntArray values) {
        int[] local = context.allocateIntLocalArray(context.localIdx < 7 ? 8 : 16);
        local[0] = 1;
        context.localBarrier();
        values.set(context.globalIdx, local[0]);
    }

    static void print(String text) {
        System.out.println(text);
    }

    @Test
    void anArgumentThatIsReadAndTransferredUnderDemandOnly() {
        assertFails(
                new TaskGraph("g").transferToDevice(UNDER_DEMAND, x).task("t", HostErrorsTest::copy, x, y)
                        .transferToHost(EVERY_EXECUTION, y),
                "task g.t argument 1 (FloatArray of 64) of graph g is read, but transferred under demand only");
    }

    @Test
    void anArgumentThatNoKernelCanTake() {
        assertRefused(() -> new TaskGraph("g").task("t", HostErrorsTest::print, "text"),
                "task g.t argument 1: java.lang.String is not supported by the host engine");
    }

    @Test
    void aTransferOfSomethingElseThanAnArray() {
        assertRefused(() -> new TaskGraph("g").transferToDevice(EVERY_EXECUTION, "text"),
                "graph g: transferToDevice of a java.lang.String; expected an array");
        assertRefused(() -> new TaskGraph("g").transferToHost(EVERY_EXECUTION, (Object) null),
                "graph g: transferToHost of null; expected an array");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "many", "100000"})
    void aNumberOfThreadsThatIsNone(String threads) {
        System.setProperty("quantado.host.threads", threads);
        try {
            assertFails(new TaskGraph("g").transferToDevice(EVERY_EXECUTION, x)
                    .task("t", HostErrorsTest::copy, x, y).transferToHost(EVERY_EXECUTION, y),
                    "-Dquantado.host.threads=" + threads + ": expected a number from 1 to 9999");
        } finally {
            System.clearProperty("quantado.host.threads");
        }
    }

    @Test
    void aGraphWithoutTasks() {
        assertFails(new TaskGraph("g").transferToDevice(EVERY_EXECUTION, x), "graph g has no task");
    }

    @Test
    void anArrayConsumedBeforeAnyGraphWasExecuted() {
        assertFails(new TaskGraph("g").consumeFromDevice("other", x).task("t", HostErrorsTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y), "task g.t argument 1 (FloatArray of 64)",
                "has not executed any graph");
    }

    @Test
    void anArrayConsumedFromAGraphThatDoesNotPersistIt() throws Exception {
        TaskGraph first = new TaskGraph("first").transferToDevice(FIRST_EXECUTION, x)
                .task("t", HostErrorsTest::copy, x, y).transferToHost(EVERY_EXECUTION, y);
        TaskGraph second = new TaskGraph("second").consumeFromDevice("first", x)
                .task("t", HostErrorsTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(first.snapshot(), second.snapshot())) {
            plan.withGraph(0).execute();
            assertRefused(() -> plan.withGraph(1).execute(),
                    "graph first, executed just before, does not hold it");
        }
    }

    @Test
    void anArrayConsumedAfterItsMemoryWasFreed() throws Exception {
        TaskGraph first = new TaskGraph("first").transferToDevice(FIRST_EXECUTION, x)
                .task("t", HostErrorsTest::copy, x, y).persistOnDevice(y);
        TaskGraph second = new TaskGraph("second").consumeFromDevice("first", y)
                .task("t", HostErrorsTest::copy, y, x)
                .transferToHost(EVERY_EXECUTION, x);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(first.snapshot(), second.snapshot())) {
            plan.withGraph(0).execute();
            plan.withGraph(1).execute();
            plan.withGraph(0).freeDeviceMemory();
            assertRefused(() -> plan.withGraph(1).execute(), "was freed");
        }
    }

    @Test
    void anExceptionInAParallelLoopNamesTaskKernelAndIterations() {
        TaskGraph graph = new TaskGraph("g").transferToDevice(EVERY_EXECUTION, x)
                .task("t", HostErrorsTest::readPastTheEnd, x, y).transferToHost(EVERY_EXECUTION, y);
        System.setProperty("quantado.host.threads", "2");
        try {
            assertThatThrownBy(() -> execute(graph)).isInstanceOf(HostEngineException.class)
                    .hasMessageContainingAll("task g.t", "HostErrorsTest.readPastTheEnd",
                            "iterations from 48 to below 52")
                    .hasCauseInstanceOf(IndexOutOfBoundsException.class);
        } finally {
            System.clearProperty("quantado.host.threads");
        }
    }

    @Test
    void anExceptionOnOneThreadShowsTheKernelsLine() {
        TaskGraph graph = new TaskGraph("g").transferToDevice(EVERY_EXECUTION, x)
                .task("t", HostErrorsTest::readPastTheEnd, x, y).transferToHost(EVERY_EXECUTION, y);
        System.setProperty("quantado.host.threads", "1");
        try {
            assertThatThrownBy(() -> execute(graph)).isInstanceOf(HostEngineException.class).cause()
                    .hasStackTraceContaining("HostErrorsTest.readPastTheEnd(HostErrorsTest.java:");
        } finally {
            System.clearProperty("quantado.host.threads");
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void anExceptionInAWorkItemNamesItsIds(boolean together) {
        IntArray values = new IntArray(SIZE);
        values.init(1);
        values.set(37, 0);
        TaskGraph graph = new TaskGraph("g").transferToDevice(EVERY_EXECUTION, values);
        if (together) {
            graph.task("t", HostErrorsTest::divideTogether, context, values);
        } else {
            graph.task("t", HostErrorsTest::divide, context, values);
        }
        graph.transferToHost(EVERY_EXECUTION, values);
        assertThatThrownBy(() -> execute(graph, grid(SIZE, 16))).isInstanceOf(HostEngineException.class)
                .hasMessageContainingAll("task g.t", "global (37, 0, 0) local (5, 0, 0) of group (2, 0, 0)",
                        "/ by zero")
                .hasCauseInstanceOf(ArithmeticException.class);
    }

    @Test
    void aBarrierThatNotAllWorkItemsReach() {
        IntArray values = new IntArray(SIZE);
        TaskGraph graph = new TaskGraph("g").task("t", HostErrorsTest::someWait, context, values)
                .transferToHost(EVERY_EXECUTION, values);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30),
                () -> assertThatThrownBy(() -> execute(graph, grid(SIZE, 16))).hasMessageContaining(
                        "a barrier is reached by 7 of the group's 16 work-items"));
    }

    @Test
    void localArraysThatDiffer() {
        IntArray values = new IntArray(SIZE);
        TaskGraph graph = new TaskGraph("g").task("t", HostErrorsTest::allocateDifferently, context, values)
                .transferToHost(EVERY_EXECUTION, values);
        assertThatThrownBy(() -> execute(graph, grid(SIZE, 16)))
                .hasMessageContaining("work-items of one group allocate different local arrays");
    }

    @ParameterizedTest
    @CsvSource({"70, 16, expected global work to be a multiple of local work", "64, 0, expected sizes from 1",
            "2048, 2048, a group of more than 1024 work-items"})
    void aGridThatNoDeviceRuns(int global, int local, String message) {
        IntArray values = new IntArray(SIZE);
        WorkerGrid grid = new WorkerGrid1D(global);
        if (local > 0) {
            grid.setLocalWork(local, 1, 1);
        } else {
            grid.setGlobalWork(0, 1, 1);
        }
        TaskGraph graph = new TaskGraph("g").transferToDevice(EVERY_EXECUTION, values).task("t",
                HostErrorsTest::divide,
                context, values);
        assertThatThrownBy(() -> execute(graph, grid)).isInstanceOf(HostEngineException.class)
                .hasMessageContainingAll("task g.t: WorkerGrid", message);
    }

    @Test
    void callsThatTheHostEngineDoesNotHave() throws Exception {
        TaskGraph graph = new TaskGraph("g").transferToDevice(EVERY_EXECUTION, x)
                .task("t", HostErrorsTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot(), graph.snapshot())) {
            assertRefused(() -> plan.withBatch("a lot"), "a batch of a lot; expected a number of MB or GB");
            assertRefused(() -> plan.withMemoryLimit("1GB"),
                    "withMemoryLimit (graph g) is not supported by the host engine");
            assertRefused(plan::withConcurrentDevices,
                    "withConcurrentDevices (graph g) is not supported by the host engine");
            assertRefused(() -> plan.mapOnDeviceMemoryRegion(x, y, 0, 0, 1),
                    "mapOnDeviceMemoryRegion (graph g) is not supported by the host engine");
        }
    }

    private static WorkerGrid grid(int global, int local) {
        WorkerGrid grid = new WorkerGrid1D(global);
        grid.setLocalWork(local, 1, 1);
        return grid;
    }

    private static void execute(TaskGraph graph) throws Exception {
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
        }
    }

    private static void execute(TaskGraph graph, WorkerGrid grid) throws Exception {
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(new GridScheduler("g.t", grid)).execute();
        }
    }

    private static void assertFails(TaskGraph graph, String... message) {
        assertThatThrownBy(() -> execute(graph)).isInstanceOf(HostEngineException.class)
                .hasMessageContainingAll(message);
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(HostEngineException.class).hasMessageContaining(message);
    }
}
