package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.FIRST_EXECUTION;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** What only the host engine does, or not every device. */
@ExtendWith(EngineExtension.class)
class HostOnlyTest {
    private static final String STRICT = "quantado.host.strict";
    private static final String THREADS = "quantado.host.threads";
    private static final int SIZE = 100;

    private final FloatArray x = new FloatArray(SIZE);
    private final FloatArray y = new FloatArray(SIZE);

    static void copy(FloatArray from, FloatArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void copyFirstHalf(FloatArray from, FloatArray to) {
        for (@Parallel int i = 0; i < to.getSize() / 2; i++) {
            to.set(i, from.get(i));
        }
    }

    static void increment(FloatArray values) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, values.get(i) + 1);
        }
    }

    static void countRows(IntArray counts, int rows, int columns) {
        for (@Parallel int row = 0; row < rows; row++) {
            for (@Parallel int column = 0; column < columns; column++) {
                int at = row * columns + column;
                counts.set(at, counts.get(at) + 1);
            }
        }
    }

    static void halves(HalfFloatArray from, HalfFloatArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void addAtomically(KernelContext context, FloatArray floats, DoubleArray doubles, LongArray longs,
            int[] ints) {
        context.atomicAdd(floats, 1, 1);
        context.atomicAdd(doubles, 1, 1);
        context.atomicAdd(longs, 1, 1);
        context.atomicAdd(ints, 1, 1);
    }

    static void readLocalMemory(KernelContext context, FloatArray values) {
        float[] local = context.allocateFloatLocalArray(4);
        values.set(context.globalIdx, local[0]);
        local[0] = 5;
    }

    @AfterEach
    void restore() {
        System.setProperty(STRICT, "true");
        System.clearProperty(THREADS);
    }

    @Test
    void thereIsOneDeviceAndItSaysWhatItIs() {
        assertThat(TornadoExecutionPlan.getTornadoDeviceMap().getNumBackends()).isEqualTo(1);
        TornadoDevice device = TornadoExecutionPlan.getDevice(0, 0);
        assertThat(device.getPlatformName()).isEqualTo("quantado-host");
        assertThat(device.getDeviceName()).startsWith("Java host engine");
        assertThat(device.getDeviceType()).isEqualTo(TornadoDeviceType.CPU);
        assertThat(device.getMaxGlobalMemory()).isPositive();
        assertThat(TornadoExecutionPlan.DEFAULT_DEVICE).isSameAs(device);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void anyNumberOfThreadsGivesTheSame(int threads) throws Exception {
        System.setProperty(THREADS, Integer.toString(threads));
        IntArray counts = new IntArray(5 * 21);
        execute(new TaskGraph("g").transferToDevice(EVERY_EXECUTION, counts)
                .task("t", HostOnlyTest::countRows, counts, 5, 21).transferToHost(EVERY_EXECUTION, counts));
        assertThat(counts.toHeapArray()).containsOnly(1);
    }

    @Test
    void strictMemoryThatNobodyWroteIsNotANumber() throws Exception {
        x.init(2);
        y.init(1);
        execute(new TaskGraph("g").transferToDevice(EVERY_EXECUTION, x)
                .task("t", HostOnlyTest::copyFirstHalf, x, y)
                .transferToHost(EVERY_EXECUTION, y));
        assertThat(y.get(SIZE / 2 - 1)).isEqualTo(2);
        assertThat(y.get(SIZE / 2)).isNaN();
    }

    @Test
    void strictLocalMemoryDoesNotLastFromGroupToGroup() throws Exception {
        TaskGraph graph = new TaskGraph("g").task("t", HostOnlyTest::readLocalMemory, new KernelContext(), y)
                .transferToHost(EVERY_EXECUTION, y);
        WorkerGrid grid = new WorkerGrid1D(SIZE);
        grid.setLocalWork(1, 1, 1);
        execute(graph, grid);
        for (float value : y.toHeapArray()) {
            assertThat(value).isNaN();
        }
    }

    @Test
    void everydayInputsThatAreOnlyReadTakeNoDeviceMemory() throws Exception {
        System.setProperty(STRICT, "false");
        TaskGraph graph = new TaskGraph("g").transferToDevice(FIRST_EXECUTION, x)
                .task("t", HostOnlyTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            x.init(2);
            plan.execute();
            assertThat(y.toHeapArray()).containsOnly(2);
            assertThat(plan.getCurrentDeviceMemoryUsage()).isEqualTo(4L * SIZE);
        }
    }

    @Test
    void everydayInputsThatAreWrittenAreCopied() throws Exception {
        System.setProperty(STRICT, "false");
        TaskGraph graph = new TaskGraph("g").transferToDevice(FIRST_EXECUTION, x)
                .task("t0", HostOnlyTest::copy, x, y)
                .task("t1", HostOnlyTest::increment, x).transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            x.init(2);
            plan.execute();
            plan.execute();
            assertThat(x.toHeapArray()).containsOnly(2);
            assertThat(y.toHeapArray()).containsOnly(3);
        }
    }

    @Test
    void everydayInputsThatAnotherGraphWritesAreCopiedThen() throws Exception {
        System.setProperty(STRICT, "false");
        TaskGraph reads = new TaskGraph("reads").transferToDevice(FIRST_EXECUTION, x)
                .task("t", HostOnlyTest::copy, x, y)
                .persistOnDevice(x).transferToHost(EVERY_EXECUTION, y);
        TaskGraph writes = new TaskGraph("writes").consumeFromDevice("reads", x)
                .task("t0", HostOnlyTest::increment, x)
                .task("t1", HostOnlyTest::copy, x, y).transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(reads.snapshot(), writes.snapshot())) {
            x.init(2);
            plan.withGraph(0).execute();
            plan.withGraph(1).execute();
            assertThat(x.toHeapArray()).containsOnly(2);
            assertThat(y.toHeapArray()).containsOnly(3);
        }
    }

    @Test
    void aSnapshotDoesNotSeeWhatIsAddedLater() throws Exception {
        TaskGraph graph = new TaskGraph("g").transferToDevice(EVERY_EXECUTION, x)
                .task("t0", HostOnlyTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            graph.task("t1", HostOnlyTest::increment, y);
            plan.execute();
            assertThat(y.toHeapArray()).containsOnly(0);
        }
    }

    @Test
    void halfPrecisionArrays() throws Exception {
        HalfFloatArray from = new HalfFloatArray(SIZE);
        HalfFloatArray to = new HalfFloatArray(SIZE);
        from.init(new HalfFloat(1.5f));
        execute(new TaskGraph("g").transferToDevice(EVERY_EXECUTION, from)
                .task("t", HostOnlyTest::halves, from, to)
                .transferToHost(EVERY_EXECUTION, to));
        assertThat(to.get(SIZE - 1).getFloat32()).isEqualTo(1.5f);
    }

    @Test
    void atomicAdditionsOfEveryType() throws Exception {
        int items = 1 << 14;
        FloatArray floats = new FloatArray(2);
        DoubleArray doubles = new DoubleArray(2);
        LongArray longs = new LongArray(2);
        int[] ints = new int[2];
        System.setProperty(THREADS, "4");
        TaskGraph graph = new TaskGraph("g").transferToDevice(EVERY_EXECUTION, floats, doubles, longs, ints)
                .task("t", HostOnlyTest::addAtomically, new KernelContext(), floats, doubles, longs, ints)
                .transferToHost(EVERY_EXECUTION, floats, doubles, longs, ints);
        WorkerGrid grid = new WorkerGrid1D(items);
        grid.setLocalWork(64, 1, 1);
        execute(graph, grid);
        assertThat(floats.toHeapArray()).containsExactly(0, items);
        assertThat(doubles.toHeapArray()).containsExactly(0, items);
        assertThat(longs.toHeapArray()).containsExactly(0, items);
        assertThat(ints).containsExactly(0, items);
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
}
