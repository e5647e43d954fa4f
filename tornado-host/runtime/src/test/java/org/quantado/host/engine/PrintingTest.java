package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.exceptions.Debug;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** {@code Debug.printf} in a kernel; a device prints where the JVM cannot see it. */
@ExtendWith(EngineExtension.class)
class PrintingTest {
    private final FloatArray values = new FloatArray(3);

    static void inALoop(FloatArray values) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            Debug.printf("value %d is %.1f%%\n", i, values.get(i));
        }
    }

    static void once(FloatArray values) {
        Debug.printf("%lu values, %5.2v4hlf\n", (long) values.getSize(), values.get(0));
    }

    static void byItems(KernelContext context, FloatArray values) {
        Debug.printf("item %u\n", context.globalIdx);
        values.set(context.globalIdx, 1);
    }

    @Test
    void kernelsPrint() throws Exception {
        values.init(2.5f);
        assertThat(printed(new TaskGraph("g").task("t", PrintingTest::inALoop, values)).lines())
                .containsExactlyInAnyOrder("value 0 is 2.5%", "value 1 is 2.5%", "value 2 is 2.5%");
        assertThat(printed(new TaskGraph("g").task("t", PrintingTest::once, values))).isEqualTo("3 values,  2.50\n");
        assertThat(printed(new TaskGraph("g").task("t", PrintingTest::byItems, new KernelContext(), values)).lines())
                .containsExactlyInAnyOrder("item 0", "item 1", "item 2");
    }

    private static String printed(TaskGraph graph) throws Exception {
        PrintStream out = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(new GridScheduler("g.t", new WorkerGrid1D(3))).execute();
        } finally {
            System.setOut(out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
