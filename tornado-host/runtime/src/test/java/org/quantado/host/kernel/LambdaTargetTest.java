package org.quantado.host.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A task's kernel is known without calling it. */
@ExtendWith(EngineExtension.class)
class LambdaTargetTest {
    private static final Task1<IntArray> KEPT = LambdaTargetTest::nothing;
    private static final int HOT = 20_000;

    private static int calls;

    private final IntArray values = new IntArray(4);

    static void nothing(IntArray values) {
        calls++;
    }

    static void alsoNothing(IntArray values) {
        int none = 0;
        for (@Parallel int i = 0; i < none; i++) {
            values.set(i, 1);
        }
    }

    static void ones(IntArray values) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, 1);
        }
    }

    static void twos(IntArray values) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, 2);
        }
    }

    @Test
    void kernelsThatDoNothingAreToldApart() throws Exception {
        calls = 0;
        run(new TaskGraph("nothing").task("t0", LambdaTargetTest::nothing, values).task("t1",
                LambdaTargetTest::alsoNothing, values));
        assertThat(calls).isEqualTo(1);
    }

    @Test
    void aHotKernelIsNamedAgain() throws Exception {
        for (int i = 0; i < HOT; i++) {
            twos(values);
        }
        run(new TaskGraph("hot").task("t", LambdaTargetTest::twos, values));
        assertThat(values.toHeapArray()).containsOnly(2);
    }

    @Test
    void aLambdaMayBePassedOn() throws Exception {
        run(add(new TaskGraph("passed"), LambdaTargetTest::ones));
        assertThat(values.toHeapArray()).containsOnly(1);
        run(add(new TaskGraph("passed"), LambdaTargetTest::twos));
        assertThat(values.toHeapArray()).containsOnly(2);
    }

    private TaskGraph add(TaskGraph graph, Task1<IntArray> code) {
        return graph.task("t", code, values);
    }

    @Test
    void aLambdaThatWasKeptNamesItselfByWhatItTouches() throws Exception {
        Task1<IntArray> ones = LambdaTargetTest::ones;
        Task1<IntArray> twos = LambdaTargetTest::twos;
        run(new TaskGraph("kept").task("t0", twos, values).task("t1", ones, values));
        assertThat(values.toHeapArray()).containsOnly(1);
    }

    @Test
    void aLambdaThatWasKeptAndTouchesNothingIsRefused() {
        assertThatThrownBy(() -> new TaskGraph("refused").task("t", KEPT, values))
                .isInstanceOf(HostEngineException.class).hasMessageContaining("cannot tell which kernel a task means");
    }

    private void run(TaskGraph graph) throws Exception {
        graph.transferToHost(EVERY_EXECUTION, values);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
        }
    }
}
