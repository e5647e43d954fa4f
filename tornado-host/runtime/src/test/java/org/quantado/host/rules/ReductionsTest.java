package org.quantado.host.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.annotations.Reduce;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * {@code @Reduce}: each execution begins with the element that the result held first, and only that element of the result
 * is set.
 */
@Tag("device")
@ExtendWith(EngineExtension.class)
class ReductionsTest {
    private static final int SIZE = 1024;

    private final FloatArray floats = new FloatArray(SIZE);
    private final IntArray ints = new IntArray(SIZE);

    static void sum(FloatArray values, @Reduce FloatArray result) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            result.set(0, result.get(0) + values.get(i));
        }
    }

    static void sumOfInts(IntArray values, @Reduce IntArray result) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            result.set(0, result.get(0) + values.get(i));
        }
    }

    static void sumOfLongs(LongArray values, @Reduce LongArray result) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            result.set(0, result.get(0) + values.get(i));
        }
    }

    static void sumOfDoubles(DoubleArray values, @Reduce DoubleArray result) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            result.set(0, result.get(0) + values.get(i));
        }
    }

    static void product(FloatArray values, @Reduce FloatArray result) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            result.set(0, result.get(0) * values.get(i));
        }
    }

    static void largest(IntArray values, @Reduce IntArray result) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            result.set(0, TornadoMath.max(result.get(0), values.get(i)));
        }
    }

    static void smallest(IntArray values, @Reduce IntArray result) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            result.set(0, TornadoMath.min(result.get(0), values.get(i)));
        }
    }

    @BeforeEach
    void fill() {
        for (int i = 0; i < SIZE; i++) {
            floats.set(i, i % 16);
            ints.set(i, (i * 37) % SIZE - 100);
        }
    }

    @Test
    void sums() throws Exception {
        FloatArray result = new FloatArray(1);
        Execute.once(new TaskGraph("sum").transferToDevice(EVERY_EXECUTION, floats)
                .task("t", ReductionsTest::sum, floats, result).transferToHost(EVERY_EXECUTION, result));
        assertThat(result.get(0)).isEqualTo(SIZE * 7.5f);
        IntArray intResult = new IntArray(1);
        Execute.once(new TaskGraph("sumOfInts").transferToDevice(EVERY_EXECUTION, ints)
                .task("t", ReductionsTest::sumOfInts, ints, intResult).transferToHost(EVERY_EXECUTION, intResult));
        assertThat(intResult.get(0)).isEqualTo(SIZE * (SIZE - 1) / 2 - 100 * SIZE);
    }

    @Test
    void sumsOfLongsAndDoubles() throws Exception {
        LongArray longs = new LongArray(SIZE);
        longs.init(1L << 40);
        LongArray longResult = new LongArray(1);
        Execute.once(new TaskGraph("sumOfLongs").transferToDevice(EVERY_EXECUTION, longs)
                .task("t", ReductionsTest::sumOfLongs, longs, longResult)
                .transferToHost(EVERY_EXECUTION, longResult));
        assertThat(longResult.get(0)).isEqualTo(SIZE * (1L << 40));
        DoubleArray doubles = new DoubleArray(SIZE);
        doubles.init(0.5);
        DoubleArray doubleResult = new DoubleArray(1);
        Execute.once(new TaskGraph("sumOfDoubles").transferToDevice(EVERY_EXECUTION, doubles)
                .task("t", ReductionsTest::sumOfDoubles, doubles, doubleResult)
                .transferToHost(EVERY_EXECUTION, doubleResult));
        assertThat(doubleResult.get(0)).isEqualTo(SIZE * 0.5);
    }

    @Test
    void products() throws Exception {
        floats.init(1);
        floats.set(3, 4);
        floats.set(SIZE - 1, 0.5f);
        FloatArray result = new FloatArray(1);
        result.init(1);
        Execute.once(new TaskGraph("product").transferToDevice(EVERY_EXECUTION, floats)
                .task("t", ReductionsTest::product, floats, result).transferToHost(EVERY_EXECUTION, result));
        assertThat(result.get(0)).isEqualTo(2);
    }

    @Test
    void largestAndSmallest() throws Exception {
        IntArray largest = new IntArray(1);
        largest.init(Integer.MIN_VALUE);
        Execute.once(new TaskGraph("largest").transferToDevice(EVERY_EXECUTION, ints)
                .task("t", ReductionsTest::largest, ints, largest).transferToHost(EVERY_EXECUTION, largest));
        assertThat(largest.get(0)).isEqualTo(SIZE - 1 - 100);
        IntArray smallest = new IntArray(1);
        smallest.init(Integer.MAX_VALUE);
        Execute.once(new TaskGraph("smallest").transferToDevice(EVERY_EXECUTION, ints)
                .task("t", ReductionsTest::smallest, ints, smallest).transferToHost(EVERY_EXECUTION, smallest));
        assertThat(smallest.get(0)).isEqualTo(-100);
    }

    @Test
    void everyExecutionBeginsAnew() throws Exception {
        FloatArray result = new FloatArray(1);
        TaskGraph graph = new TaskGraph("anew").transferToDevice(EVERY_EXECUTION, floats)
                .task("t", ReductionsTest::sum, floats, result).transferToHost(EVERY_EXECUTION, result);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
            plan.execute();
            assertThat(result.get(0)).isEqualTo(SIZE * 7.5f);
            floats.init(1);
            plan.execute();
            assertThat(result.get(0)).isEqualTo(SIZE);
        }
    }
}
