package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Every iteration of a {@code @Parallel} loop runs exactly once, whatever the loop's shape and size. */
@Tag("device")
@ExtendWith(EngineExtension.class)
class ParallelLoopsTest {
    static void countAll(IntArray counts) {
        for (@Parallel int i = 0; i < counts.getSize(); i++) {
            counts.set(i, counts.get(i) + 1);
        }
    }

    static void countEveryThird(IntArray counts, int size) {
        for (@Parallel int i = 0; i < size; i += 3) {
            counts.set(i, counts.get(i) + 1);
        }
    }

    static void countFromFive(IntArray counts, int to) {
        for (@Parallel int i = 5; i < to; i++) {
            counts.set(i, counts.get(i) + 1);
        }
    }

    static void countToTheLast(IntArray counts, int last) {
        for (@Parallel int i = 0; i <= last; i++) {
            counts.set(i, counts.get(i) + 1);
        }
    }

    static void countPairs(IntArray counts, int size, int group) {
        for (@Parallel int i = 0; i < size / group * 2 - 1; i++) {
            counts.set(i, counts.get(i) + 1);
        }
    }

    static void countUpTo(IntArray counts, IntArray bound) {
        for (@Parallel int i = 0; i < bound.get(0); i++) {
            counts.set(i, counts.get(i) + 1);
        }
    }

    static void countRowsAndColumns(IntArray counts, int rows, int columns) {
        for (@Parallel int row = 0; row < rows; row++) {
            for (@Parallel int column = 0; column < columns; column++) {
                counts.set(row * columns + column, counts.get(row * columns + column) + 1);
            }
        }
    }

    static void countOddColumns(IntArray counts, IntArray shape) {
        for (@Parallel int column = 0; column < shape.get(1); column++) {
            for (@Parallel int row = 0; row < shape.get(0); row++) {
                int at = row * shape.get(1) + column;
                int count = counts.get(at);
                if (column % 2 == 1) {
                    count++;
                }
                counts.set(at, count);
            }
        }
    }

    static void countBlocks(IntArray counts, int planes, int rows, int columns) {
        for (@Parallel int plane = 0; plane < planes; plane++) {
            for (@Parallel int row = 0; row < rows; row++) {
                for (@Parallel int column = 0; column < columns; column++) {
                    int at = (plane * rows + row) * columns + column;
                    counts.set(at, counts.get(at) + 1);
                }
            }
        }
    }

    static void sumRows(IntArray values, IntArray sums, int columns) {
        for (@Parallel int row = 0; row < sums.getSize(); row++) {
            int sum = 0;
            for (int column = 0; column < columns; column++) {
                int value = values.get(row * columns + column);
                if (value < 0) {
                    continue;
                }
                sum += value;
            }
            sums.set(row, sum);
        }
    }

    static void addUpAlone(IntArray values, IntArray sum) {
        int total = 0;
        for (int i = 0; i < values.getSize(); i++) {
            total += values.get(i);
        }
        sum.set(0, total);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 15, 16, 17, 64, 1000})
    void oneLoop(int size) throws Exception {
        IntArray counts = new IntArray(size);
        execute(graph("one" + size, counts).task("t", ParallelLoopsTest::countAll, counts), counts);
        assertThat(counts.toHeapArray()).containsOnly(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 100, 101, 102})
    void aStep(int size) throws Exception {
        IntArray counts = new IntArray(size);
        execute(graph("step" + size, counts).task("t", ParallelLoopsTest::countEveryThird, counts, size),
                counts);
        for (int i = 0; i < size; i++) {
            assertThat(counts.get(i)).as("element %d", i).isEqualTo(i % 3 == 0 ? 1 : 0);
        }
    }

    @Test
    void aStartOtherThanZero() throws Exception {
        IntArray counts = new IntArray(50);
        execute(graph("from", counts).task("t", ParallelLoopsTest::countFromFive, counts, 45), counts);
        for (int i = 0; i < 50; i++) {
            assertThat(counts.get(i)).as("element %d", i).isEqualTo(i >= 5 && i < 45 ? 1 : 0);
        }
    }

    @Test
    void aBoundThatIsPartOfTheRange() throws Exception {
        IntArray counts = new IntArray(50);
        execute(graph("last", counts).task("t", ParallelLoopsTest::countToTheLast, counts, 30), counts);
        for (int i = 0; i < 50; i++) {
            assertThat(counts.get(i)).as("element %d", i).isEqualTo(i <= 30 ? 1 : 0);
        }
    }

    @Test
    void aBoundThatIsComputed() throws Exception {
        IntArray counts = new IntArray(50);
        execute(graph("computed", counts).task("t", ParallelLoopsTest::countPairs, counts, 60, 4), counts);
        for (int i = 0; i < 50; i++) {
            assertThat(counts.get(i)).as("element %d", i).isEqualTo(i < 29 ? 1 : 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 40})
    void aBoundFromAnArray(int size) throws Exception {
        IntArray counts = new IntArray(40);
        IntArray bound = IntArray.fromElements(size);
        execute(graph("bound" + size, counts).transferToDevice(EVERY_EXECUTION, bound).task("t",
                ParallelLoopsTest::countUpTo, counts, bound), counts);
        for (int i = 0; i < 40; i++) {
            assertThat(counts.get(i)).as("element %d", i).isEqualTo(i < size ? 1 : 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 100", "3, 100", "100, 1", "16, 16", "40, 50"})
    void twoLoops(int rows, int columns) throws Exception {
        IntArray counts = new IntArray(rows * columns);
        execute(graph("two" + rows + "x" + columns, counts).task("t", ParallelLoopsTest::countRowsAndColumns,
                counts, rows,
                columns), counts);
        assertThat(counts.toHeapArray()).containsOnly(1);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 2, 100", "2, 3, 4", "5, 7, 9"})
    void threeLoops(int planes, int rows, int columns) throws Exception {
        IntArray counts = new IntArray(planes * rows * columns);
        execute(graph("three" + planes + "x" + rows, counts).task("t", ParallelLoopsTest::countBlocks, counts,
                planes, rows,
                columns), counts);
        assertThat(counts.toHeapArray()).containsOnly(1);
    }

    @Test
    void aLoopInsideThatIsNotParallel() throws Exception {
        IntArray values = new IntArray(30 * 11);
        for (int i = 0; i < values.getSize(); i++) {
            values.set(i, i % 5 - 1);
        }
        IntArray sums = new IntArray(30);
        TaskGraph graph = new TaskGraph("inner").transferToDevice(EVERY_EXECUTION, values)
                .task("t", ParallelLoopsTest::sumRows, values, sums, 11);
        execute(graph, sums);
        for (int row = 0; row < 30; row++) {
            int expected = 0;
            for (int column = 0; column < 11; column++) {
                expected += Math.max(0, values.get(row * 11 + column));
            }
            assertThat(sums.get(row)).isEqualTo(expected);
        }
    }

    @Test
    void aKernelWithoutParallelLoopsRunsOnce() throws Exception {
        IntArray values = IntArray.fromElements(1, 2, 3, 4);
        IntArray sum = new IntArray(1);
        TaskGraph graph = new TaskGraph("alone").transferToDevice(EVERY_EXECUTION, values)
                .task("t", ParallelLoopsTest::addUpAlone, values, sum);
        execute(graph, sum);
        assertThat(sum.get(0)).isEqualTo(10);
    }

    @Test
    void aWorkerGridChangesNothing() throws Exception {
        IntArray counts = new IntArray(128);
        TaskGraph graph = graph("grid", counts).task("t", ParallelLoopsTest::countAll, counts)
                .transferToHost(EVERY_EXECUTION, counts);
        WorkerGrid grid = new WorkerGrid1D(128);
        grid.setLocalWork(32, 1, 1);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(new GridScheduler("grid.t", grid)).execute();
        }
        assertThat(counts.toHeapArray()).containsOnly(1);
    }

    /** A work-group along the outer loop, which the host engine then runs innermost. */
    @ParameterizedTest
    @CsvSource({"1, 1", "100, 1", "16, 16", "50, 40"})
    void aWorkGroupAlongTheOuterLoop(int columns, int rows) throws Exception {
        IntArray counts = new IntArray(rows * columns);
        IntArray shape = IntArray.fromElements(rows, columns);
        String name = "across" + columns + "x" + rows;
        TaskGraph graph = new TaskGraph(name).transferToDevice(EVERY_EXECUTION, counts, shape)
                .task("t", ParallelLoopsTest::countOddColumns, counts, shape).transferToHost(EVERY_EXECUTION, counts);
        WorkerGrid grid = new WorkerGrid2D((columns + 15) / 16 * 16, rows);
        grid.setLocalWork(16, 1, 1);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(new GridScheduler(name + ".t", grid)).execute();
        }
        for (int i = 0; i < counts.getSize(); i++) {
            assertThat(counts.get(i)).as("element %d", i).isEqualTo(i % columns % 2);
        }
    }

    private static TaskGraph graph(String name, IntArray counts) {
        return new TaskGraph(name).transferToDevice(EVERY_EXECUTION, counts);
    }

    private static void execute(TaskGraph graph, IntArray result) throws Exception {
        graph.transferToHost(EVERY_EXECUTION, result);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
        }
    }
}
