package org.quantado.host.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.annotations.Reduce;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Finding a task's kernel, what it does to its arguments, and which loops can be cut. */
class KernelMethodTest {
    private static final FloatArray FLOATS = new FloatArray(4);
    private static final IntArray INTS = new IntArray(4);

    static void copy(FloatArray from, FloatArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void copy(IntArray from, IntArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void add(FloatArray to, FloatArray from) {
        to.set(0, to.get(0) + from.get(0));
    }

    static void choose(FloatArray a, FloatArray b, FloatArray to) {
        FloatArray source = a.getSize() > 2 ? a : b;
        long unused = 3L * a.getSize();
        to.set(0, source.get(unused > 5 ? 1 : 0));
    }

    static void callTwice(FloatArray a, FloatArray b, FloatArray c) {
        add(a, b);
        copyFirst(b, c);
    }

    static void copyFirst(FloatArray from, FloatArray to) {
        to.set(0, from.get(0));
    }

    static void javaArrays(int[] from, float[] to) {
        to[0] += 1;
        to[1] = from[to.length - 1];
    }

    static void lengthOnly(FloatArray a, FloatArray b) {
        b.set(0, a.getSize());
    }

    static FloatArray leaked;

    static void leak(FloatArray a, String way) {
        leaked = way.isEmpty() ? null : a;
    }

    static void waitInCallee(KernelContext context, FloatArray a) {
        a.set(context.globalIdx, 0);
        pause(context);
    }

    private static void pause(KernelContext context) {
        context.localBarrier();
    }

    static void backwards(FloatArray a) {
        for (@Parallel int i = 3; i >= 0; i--) {
            a.set(i, 0);
        }
    }

    static void twoLoops(FloatArray a) {
        for (@Parallel int i = 0; i < 4; i++) {
            a.set(i, 0);
        }
        for (@Parallel int i = 0; i < 4; i++) {
            a.set(i, 1);
        }
    }

    static void changesItsVariable(FloatArray a) {
        for (@Parallel int i = 0; i < 4; i++) {
            a.set(i, 0);
            i += 1;
        }
    }

    static void startsAnywhere(FloatArray a, int from) {
        for (@Parallel int i = from; i < 4; i++) {
            a.set(i, 0);
        }
    }

    static void stepsFromOne(FloatArray a) {
        for (@Parallel int i = 1; i < 4; i += 2) {
            a.set(i, 0);
        }
    }

    static void choosesItsBound(FloatArray a, int n, int m) {
        for (@Parallel int i = 0; i < (n < m ? n : m); i++) {
            a.set(i, 0);
        }
    }

    static void parallelWorkItems(KernelContext context, FloatArray a) {
        for (@Parallel int i = 0; i < 4; i++) {
            a.set(i, context.globalIdx);
        }
    }

    static final class Counter {
        private final int start = INTS.getSize();

        void count(IntArray to) {
            to.set(0, start);
        }
    }

    @Test
    void aMethodReferenceNamesItsMethodAmongOverloads() {
        Task2<FloatArray, FloatArray> floats = KernelMethodTest::copy;
        Task2<FloatArray, FloatArray> other = KernelMethodTest::add;
        assertThat(KernelMethod.of(other, List.of(FLOATS, FLOATS)).name()).endsWith(".add");
        assertThat(KernelMethod.of(floats, List.of(FLOATS, FLOATS)).use().access()).containsExactly(
                Access.READ_ONLY,
                Access.WRITE_ONLY);
    }

    @Test
    void aLambdaIsItsOwnBody() {
        Task2<FloatArray, FloatArray> lambda = (a, b) -> copyFirst(b, a);
        assertThat(KernelMethod.of(lambda, List.of(FLOATS, FLOATS)).use().access()).containsExactly(
                Access.WRITE_ONLY,
                Access.READ_ONLY);
    }

    @Test
    void overloadsThatOnlyDifferInTheirTypesAreToldApart() {
        Task2<IntArray, IntArray> ints = KernelMethodTest::copy;
        KernelMethod.of(ints, List.of(INTS, INTS)).whole();
        assertThat(KernelMethod.of(ints, List.of(INTS, INTS)).name()).endsWith(".copy");
    }

    @Test
    void whatALambdaCapturesComesFirst() {
        FloatArray captured = new FloatArray(4);
        Task1<FloatArray> lambda = a -> copyFirst(captured, a);
        assertThat(KernelMethod.of(lambda, List.of(FLOATS)).use().access()).containsExactly(Access.READ_ONLY,
                Access.WRITE_ONLY);
        assertThat(KernelMethod.captured(lambda)).containsExactly(captured);
    }

    @Test
    void theObjectOfAMethodComesFirst() {
        Task2<Counter, IntArray> method = Counter::count;
        assertThat(access(method, new Counter(), INTS)).containsExactly(Access.READ_ONLY, Access.WRITE_ONLY);
        Task1<IntArray> bound = new Counter()::count;
        assertThat(access(bound, INTS)).containsExactly(Access.READ_ONLY, Access.WRITE_ONLY);
    }

    @Test
    void readingAndWritingAreFollowedThroughLocalsBranchesAndCalls() {
        Task3<FloatArray, FloatArray, FloatArray> choose = KernelMethodTest::choose;
        Task3<FloatArray, FloatArray, FloatArray> calls = KernelMethodTest::callTwice;
        Task2<int[], float[]> arrays = KernelMethodTest::javaArrays;
        Task2<FloatArray, FloatArray> length = KernelMethodTest::lengthOnly;
        Task2<FloatArray, String> leak = KernelMethodTest::leak;
        assertThat(access(choose, FLOATS, FLOATS, FLOATS)).containsExactly(Access.READ_ONLY, Access.READ_ONLY,
                Access.WRITE_ONLY);
        assertThat(access(calls, FLOATS, FLOATS, FLOATS)).containsExactly(Access.READ_WRITE, Access.READ_ONLY,
                Access.WRITE_ONLY);
        assertThat(access(arrays, new int[1], new float[1])).containsExactly(Access.READ_ONLY,
                Access.READ_WRITE);
        assertThat(access(length, FLOATS, FLOATS)).containsExactly(Access.NONE, Access.WRITE_ONLY);
        assertThat(access(leak, FLOATS, "field")).startsWith(Access.READ_WRITE);
    }

    @Test
    void aBarrierIsFoundInACallee() {
        Task2<KernelContext, FloatArray> waits = KernelMethodTest::waitInCallee;
        Task2<FloatArray, FloatArray> adds = KernelMethodTest::add;
        assertThat(KernelMethod.of(waits, List.of(new KernelContext(), FLOATS)).use().reachesBarrier())
                .isTrue();
        assertThat(KernelMethod.of(adds, List.of(FLOATS, FLOATS)).use().reachesBarrier()).isFalse();
    }

    @Test
    void loopsThatCannotBeCutAreRefused() {
        Task1<FloatArray> backwards = KernelMethodTest::backwards;
        Task1<FloatArray> twoLoops = KernelMethodTest::twoLoops;
        Task1<FloatArray> changes = KernelMethodTest::changesItsVariable;
        Task2<FloatArray, Integer> starts = KernelMethodTest::startsAnywhere;
        Task1<FloatArray> steps = KernelMethodTest::stepsFromOne;
        Task3<FloatArray, Integer, Integer> bound = KernelMethodTest::choosesItsBound;
        Task2<KernelContext, FloatArray> both = KernelMethodTest::parallelWorkItems;
        assertRefused(backwards, "backwards has a @Parallel loop that is not of the form", FLOATS);
        assertRefused(twoLoops, "twoLoops has two @Parallel loops one after the other", FLOATS);
        assertRefused(changes, "changesItsVariable changes a @Parallel loop's variable", FLOATS);
        assertRefused(starts, "startsAnywhere has a @Parallel loop that does not start at a constant", FLOATS,
                1);
        assertRefused(steps, "stepsFromOne has a @Parallel loop from 1 in steps of 2", FLOATS);
        assertRefused(bound, "choosesItsBound has a @Parallel loop that is not of the form", FLOATS, 1, 2);
        assertRefused(both, "a KernelContext's ids, barriers and local memory in an @Parallel loop (kernel",
                new KernelContext(), FLOATS);
    }

    private static List<Access> access(Object lambda, Object... arguments) {
        return KernelMethod.of(lambda, Arrays.asList(arguments)).use().access();
    }

    private static void assertRefused(Object lambda, String message, Object... arguments) {
        assertThatThrownBy(() -> KernelMethod.of(lambda, Arrays.asList(arguments)))
                .isInstanceOf(HostEngineException.class).hasMessageContaining(message);
    }
}
