package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.FIRST_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.UNDER_DEMAND;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Arrays are copied exactly where a graph says, and what it forgets is stale or never appears. */
@Tag("device")
@ExtendWith(EngineExtension.class)
class TransfersTest {
    private static final int SIZE = 96;

    private final FloatArray x = filled(2);
    private final FloatArray y = filled(1);

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

    @Test
    void everyExecutionSeesTheHostsValues() throws Exception {
        TaskGraph graph = new TaskGraph("every").transferToDevice(EVERY_EXECUTION, x)
                .task("t", TransfersTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            assertAll(y, 2);
            x.init(3);
            plan.execute();
            assertAll(y, 3);
        }
    }

    @Test
    void firstExecutionStaysStaleUntilDeviceMemoryIsFreed() throws Exception {
        TaskGraph graph = new TaskGraph("first").transferToDevice(FIRST_EXECUTION, x)
                .task("t", TransfersTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            x.init(3);
            plan.execute();
            assertAll(y, 2);
            plan.freeDeviceMemory();
            plan.execute();
            assertAll(y, 3);
        }
    }

    @Test
    void twoPlansHaveDeviceMemoryOfTheirOwn() throws Exception {
        TaskGraph graph = new TaskGraph("plans").transferToDevice(FIRST_EXECUTION, x)
                .task("t", TransfersTest::copy, x, y)
                .transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan one = new TornadoExecutionPlan(graph.snapshot());
                TornadoExecutionPlan other = new TornadoExecutionPlan(graph.snapshot())) {
            one.execute();
            x.init(3);
            other.execute();
            assertAll(y, 3);
            one.execute();
            assertAll(y, 2);
        }
    }

    @Test
    void stateStaysOnTheDeviceFromExecutionToExecution() throws Exception {
        TaskGraph graph = new TaskGraph("state").transferToDevice(FIRST_EXECUTION, y)
                .task("t", TransfersTest::increment, y).transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            y.init(100);
            plan.execute();
            assertAll(y, 3);
        }
    }

    @Test
    void anOutputThatIsReadBeforeItIsWrittenIsCopiedInOnce() throws Exception {
        TaskGraph graph = new TaskGraph("accumulate").task("t", TransfersTest::increment, y)
                .transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            assertAll(y, 2);
            y.init(100);
            plan.execute();
            assertAll(y, 3);
        }
    }

    @Test
    void anOutputThatIsNotFetchedDoesNotAppear() throws Exception {
        TaskGraph graph = new TaskGraph("unfetched").transferToDevice(EVERY_EXECUTION, x)
                .task("t", TransfersTest::copy, x, y).transferToHost(UNDER_DEMAND, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            TornadoExecutionResult result = plan.execute();
            assertAll(y, 1);
            result.transferToHost(y);
            assertAll(y, 2);
        }
    }

    @Test
    void partOfAnOutputIsFetchedUnderDemand() throws Exception {
        TaskGraph graph = new TaskGraph("range").transferToDevice(EVERY_EXECUTION, x)
                .task("t", TransfersTest::copy, x, y).transferToHost(UNDER_DEMAND, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute().transferToHost(new DataRange(y).withOffset(4).withSize(2));
            assertThat(new float[]{y.get(3), y.get(4), y.get(5), y.get(6)}).containsExactly(1, 2, 2, 1);
        }
    }

    @Test
    void anArrayThatIsOnlyWrittenIsNotCopiedIn() throws Exception {
        TaskGraph graph = new TaskGraph("written").transferToDevice(EVERY_EXECUTION, x, y)
                .task("t", TransfersTest::copyFirstHalf, x, y).transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            assertThat(y.get(SIZE / 2 - 1)).isEqualTo(2);
            assertThat(y.get(SIZE / 2)).isNotEqualTo(1);
        }
    }

    @Test
    void anArrayThatIsOnlyReadIsNotCopiedOut() throws Exception {
        TaskGraph graph = new TaskGraph("readonly").transferToDevice(FIRST_EXECUTION, x)
                .task("t", TransfersTest::copy, x, y).transferToHost(EVERY_EXECUTION, x, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            x.init(3);
            plan.execute();
            assertAll(x, 3);
            assertAll(y, 2);
        }
    }

    @Test
    void tasksHandArraysOnWithoutTheHost() throws Exception {
        FloatArray between = filled(50);
        TaskGraph graph = new TaskGraph("between").transferToDevice(EVERY_EXECUTION, x)
                .task("t0", TransfersTest::copy, x, between).task("t1", TransfersTest::increment, between)
                .task("t2", TransfersTest::copy, between, y).transferToHost(EVERY_EXECUTION, y);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            assertAll(y, 3);
            plan.execute();
            assertAll(y, 3);
            assertAll(between, 50);
        }
    }

    private static FloatArray filled(float value) {
        FloatArray array = new FloatArray(SIZE);
        array.init(value);
        return array;
    }

    private static void assertAll(FloatArray array, float expected) {
        for (float value : array.toHeapArray()) {
            assertThat(value).isEqualTo(expected);
        }
    }
}
