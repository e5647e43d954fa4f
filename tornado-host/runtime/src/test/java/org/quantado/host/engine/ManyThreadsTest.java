package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Graphs are built by any number of threads, whose kernels nobody has seen before. */
@ExtendWith(EngineExtension.class)
class ManyThreadsTest {
    private static final int THREADS = 8;
    private static final int SIZE = 50;

    /** Kernels of the same shape in a class that is new to the engine for each repetition. */
    interface Kernels {
        List<Task2<IntArray, Integer>> all();
    }

    static final class First implements Kernels {
        @Override
        public List<Task2<IntArray, Integer>> all() {
            return List.of(First::add, First::subtract);
        }

        static void add(IntArray values, int amount) {
            for (@Parallel int i = 0; i < values.getSize(); i++) {
                values.set(i, values.get(i) + amount);
            }
        }

        static void subtract(IntArray values, int amount) {
            for (@Parallel int i = 0; i < values.getSize(); i++) {
                values.set(i, values.get(i) - amount);
            }
        }
    }

    static void addHere(IntArray values, int amount) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, helper(values.get(i), amount));
        }
    }

    private static int helper(int value, int amount) {
        return value + amount;
    }

    @RepeatedTest(5)
    void buildAndRunGraphs() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<int[]>> results = new ArrayList<>();
            for (int t = 0; t < 4 * THREADS; t++) {
                int amount = t;
                results.add(threads.submit(() -> run(amount)));
            }
            for (int t = 0; t < results.size(); t++) {
                assertThat(results.get(t).get()).containsOnly(t);
            }
        }
    }

    private static int[] run(int amount) throws Exception {
        IntArray values = new IntArray(SIZE);
        TaskGraph graph = new TaskGraph("threads").transferToDevice(EVERY_EXECUTION, values)
                .task("here", ManyThreadsTest::addHere, values, amount)
                .task("up", new First().all().get(0), values, amount)
                .task("down", new First().all().get(1), values, amount)
                .transferToHost(EVERY_EXECUTION, values);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
        }
        return values.toHeapArray();
    }
}
