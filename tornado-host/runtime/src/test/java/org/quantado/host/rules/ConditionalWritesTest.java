package org.quantado.host.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat4;
import uk.ac.manchester.tornado.api.types.vectors.Float4;

/**
 * Arrays of which a kernel writes only part: those for which TornadoVM's data-flow analysis sees a condition keep their
 * old elements, the others lose them.
 */
@Tag("device")
@ExtendWith(EngineExtension.class)
class ConditionalWritesTest {
    private static final int SIZE = 64;
    private static final int OLD = 75;
    private static final int NEW = 200;

    static void evens(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize(); i++) {
            if (i % 2 == 0) {
                a.set(i, NEW);
            }
        }
    }

    static void stepTwo(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize(); i += 2) {
            a.set(i, NEW);
        }
    }

    static void evensInAHelper(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize(); i++) {
            setEven(a, i);
        }
    }

    private static void setEven(IntArray a, int i) {
        if (i % 2 == 0) {
            a.set(i, NEW);
        }
    }

    static void evensAfterAReturn(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize(); i++) {
            if (i % 2 != 0) {
                continue;
            }
            a.set(i, NEW);
        }
    }

    static void innerLoop(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize() / 2; i++) {
            for (int k = 0; k < 1; k++) {
                a.set(2 * i + k, NEW);
            }
        }
    }

    static void afterAnInnerLoop(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize() / 2; i++) {
            int value = 0;
            for (int k = 0; k < NEW; k++) {
                value++;
            }
            a.set(2 * i, value);
        }
    }

    static void sequentialLoop(IntArray a) {
        for (int i = 0; i < a.getSize(); i += 2) {
            a.set(i, NEW);
        }
    }

    static void onlyHalf(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize() / 2; i++) {
            a.set(2 * i, NEW);
        }
    }

    @SuppressWarnings("DuplicateBranches")
    static void bothBranches(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize() / 2; i++) {
            if (i % 2 == 0) {
                a.set(2 * i, NEW);
            } else {
                a.set(2 * i, NEW);
            }
        }
    }

    static void fromOne(IntArray a) {
        for (@Parallel int i = 1; i < a.getSize() / 2; i++) {
            a.set(2 * i, NEW);
        }
    }

    static void nested(IntArray a) {
        for (@Parallel int i = 0; i < 4; i++) {
            for (@Parallel int j = 0; j < 8; j++) {
                a.set(16 * i + 2 * j, NEW);
            }
        }
    }

    /** The order in which TornadoVM's compiler meets the two stores is not theirs. */
    static void inAnInnerLoopAndAfterIt(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize() / 2; i++) {
            for (int k = 0; k < 1; k++) {
                if (i % 2 == 0) {
                    a.set(2 * i, i);
                }
            }
            a.set(2 * i, NEW);
        }
    }

    static void heapEvens(int[] a) {
        for (@Parallel int i = 0; i < a.length; i++) {
            if (i % 2 == 0) {
                a[i] = NEW;
            }
        }
    }

    static void heapStepTwo(int[] a) {
        for (@Parallel int i = 0; i < a.length; i += 2) {
            a[i] = NEW;
        }
    }

    static void vectors(VectorFloat4 a) {
        for (@Parallel int i = 0; i < a.getLength(); i++) {
            if (i % 2 == 0) {
                a.set(i, new Float4(NEW, NEW, NEW, NEW));
            }
        }
    }

    static void copyEvens(IntArray from, IntArray to) {
        for (@Parallel int i = 0; i < from.getSize(); i++) {
            if (i % 2 == 0) {
                to.set(i, from.get(i));
            }
        }
    }

    static void itemsBelow(KernelContext context, FloatArray a) {
        if (context.globalIdx < SIZE / 2) {
            a.set(context.globalIdx, NEW);
        }
    }

    static void itemsThatStay(KernelContext context, FloatArray a) {
        if (context.globalIdx >= SIZE / 2) {
            return;
        }
        a.set(context.globalIdx, NEW);
    }

    static void sizeOf(IntArray a, IntArray size) {
        for (@Parallel int i = 0; i < 1; i++) {
            size.set(i, a.getSize());
        }
    }

    static Stream<Arguments> keeping() {
        return Stream.of(kernel("evens", ConditionalWritesTest::evens),
                kernel("stepTwo", ConditionalWritesTest::stepTwo),
                kernel("evensInAHelper", ConditionalWritesTest::evensInAHelper),
                kernel("evensAfterAReturn", ConditionalWritesTest::evensAfterAReturn),
                kernel("innerLoop", ConditionalWritesTest::innerLoop),
                kernel("afterAnInnerLoop", ConditionalWritesTest::afterAnInnerLoop),
                kernel("sequentialLoop", ConditionalWritesTest::sequentialLoop));
    }

    static Stream<Arguments> losing() {
        return Stream.of(kernel("onlyHalf", ConditionalWritesTest::onlyHalf),
                kernel("bothBranches", ConditionalWritesTest::bothBranches),
                kernel("fromOne", ConditionalWritesTest::fromOne), kernel("nested", ConditionalWritesTest::nested),
                kernel("inAnInnerLoopAndAfterIt", ConditionalWritesTest::inAnInnerLoopAndAfterIt));
    }

    private static Arguments kernel(String name, Task1<IntArray> code) {
        return Arguments.of(name, code);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("keeping")
    void elementsThatAreNotWrittenStay(String name, Task1<IntArray> kernel) throws Exception {
        IntArray named = filled();
        Execute.once(new TaskGraph(name).transferToDevice(EVERY_EXECUTION, named).task("t", kernel, named)
                .transferToHost(EVERY_EXECUTION, named));
        assertEvensAreNew(named.toHeapArray());
        IntArray unnamed = filled();
        Execute.once(
                new TaskGraph(name + "Unnamed").task("t", kernel, unnamed).transferToHost(EVERY_EXECUTION, unnamed));
        assertEvensAreNew(unnamed.toHeapArray());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("losing")
    void elementsThatAreNotWrittenAreLost(String name, Task1<IntArray> kernel) throws Exception {
        IntArray a = filled();
        Execute.once(new TaskGraph(name).transferToDevice(EVERY_EXECUTION, a).task("t", kernel, a)
                .transferToHost(EVERY_EXECUTION, a));
        assertThat(a.get(SIZE / 2)).isEqualTo(NEW);
        assertThat(IntStream.range(0, SIZE / 2).map(i -> a.get(2 * i + 1))).isNotEmpty().doesNotContain(OLD);
    }

    @Test
    void javaArraysToo() throws Exception {
        int[] evens = filled().toHeapArray();
        Execute.once(new TaskGraph("heapEvens").task("t", ConditionalWritesTest::heapEvens, evens)
                .transferToHost(EVERY_EXECUTION, evens));
        assertEvensAreNew(evens);
        int[] stepTwo = filled().toHeapArray();
        Execute.once(new TaskGraph("heapStepTwo").task("t", ConditionalWritesTest::heapStepTwo, stepTwo)
                .transferToHost(EVERY_EXECUTION, stepTwo));
        assertThat(stepTwo[2]).isEqualTo(NEW);
    }

    @Test
    void vectorsToo() throws Exception {
        VectorFloat4 a = new VectorFloat4(SIZE);
        a.fill(OLD);
        Execute.once(new TaskGraph("vectors").task("t", ConditionalWritesTest::vectors, a)
                .transferToHost(EVERY_EXECUTION, a));
        assertThat(a.getArray().get(0)).isEqualTo(NEW);
        assertThat(a.getArray().get(4)).isEqualTo(OLD);
    }

    @Test
    void itemsBehindACondition() throws Exception {
        for (Task2<KernelContext, FloatArray> kernel : items()) {
            FloatArray a = new FloatArray(SIZE);
            a.init(OLD);
            Execute.onItems(SIZE, 16, new TaskGraph("items").task("t", kernel, new KernelContext(), a)
                    .transferToHost(EVERY_EXECUTION, a));
            assertThat(a.get(0)).isEqualTo(NEW);
            assertThat(a.get(SIZE - 1)).isEqualTo(OLD);
        }
    }

    private static Iterable<Task2<KernelContext, FloatArray>> items() {
        return Arrays.asList(ConditionalWritesTest::itemsBelow, ConditionalWritesTest::itemsThatStay);
    }

    @Test
    void aTaskThatOnlyAsksForTheLengthCopiesIn() throws Exception {
        IntArray a = filled();
        IntArray size = new IntArray(1);
        TaskGraph graph = new TaskGraph("length").transferToDevice(EVERY_EXECUTION, a)
                .task("length", ConditionalWritesTest::sizeOf, a, size)
                .task("half", ConditionalWritesTest::onlyHalf, a).transferToHost(EVERY_EXECUTION, a, size);
        Execute.once(graph);
        assertThat(size.get(0)).isEqualTo(SIZE);
        assertEvensAreNew(a.toHeapArray());
    }

    @Test
    void anInputThatNoTransferNamesIsCopiedInByTheFirstExecution() throws Exception {
        IntArray from = new IntArray(SIZE);
        from.init(NEW);
        IntArray to = filled();
        TaskGraph graph = new TaskGraph("unnamedInput").task("t", ConditionalWritesTest::copyEvens, from, to)
                .transferToHost(EVERY_EXECUTION, to);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            from.init(0);
            plan.execute();
        }
        assertEvensAreNew(to.toHeapArray());
    }

    private static IntArray filled() {
        IntArray a = new IntArray(SIZE);
        a.init(OLD);
        return a;
    }

    private static void assertEvensAreNew(int[] a) {
        assertThat(a).isEqualTo(IntStream.range(0, SIZE).map(i -> i % 2 == 0 ? NEW : OLD).toArray());
    }
}
