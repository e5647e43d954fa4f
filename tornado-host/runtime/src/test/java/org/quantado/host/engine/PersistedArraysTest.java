package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.FIRST_EXECUTION;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Weights that one graph of a plan puts on the device and others use, in any order. Each of those lists all of the
 * weights, whether it uses them or not: an array is handed from one executed graph to the next.
 */
@Tag("device")
@ExtendWith(EngineExtension.class)
class PersistedArraysTest {
    private static final int SIZE = 64;

    private final FloatArray raw = new FloatArray(SIZE);
    private final FloatArray packed = new FloatArray(SIZE);
    private final FloatArray scales = new FloatArray(SIZE);
    private final IntArray ready = new IntArray(1);
    private final FloatArray x = new FloatArray(SIZE);
    private final FloatArray y1 = new FloatArray(SIZE);
    private final FloatArray y2 = new FloatArray(SIZE);

    static void twice(FloatArray from, FloatArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, 2 * from.get(i));
        }
    }

    static void look(FloatArray scales, IntArray ready) {
        for (@Parallel int i = 0; i < ready.getSize(); i++) {
            ready.set(i, (int) scales.get(i));
        }
    }

    static void multiply(FloatArray w, FloatArray x, FloatArray y) {
        for (@Parallel int i = 0; i < y.getSize(); i++) {
            y.set(i, w.get(i) * x.get(i));
        }
    }

    static void increment(FloatArray values) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, values.get(i) + 1);
        }
    }

    @BeforeEach
    void fill() {
        raw.init(3);
        scales.init(7);
        x.init(10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void graphsShareWeightsInAnyOrderOnceTheyAreThere(boolean named) throws Exception {
        String source = "upload" + named;
        TaskGraph upload = new TaskGraph(source).transferToDevice(FIRST_EXECUTION, raw, scales)
                .task("pack", PersistedArraysTest::twice, raw, packed)
                .task("look", PersistedArraysTest::look, scales, ready).transferToHost(EVERY_EXECUTION, ready)
                .persistOnDevice(packed, scales);
        TaskGraph first = consumer("first" + named, source, named)
                .transferToDevice(EVERY_EXECUTION, x).task("m", PersistedArraysTest::multiply, packed, x, y1)
                .transferToHost(EVERY_EXECUTION, y1);
        TaskGraph second = consumer("second" + named, source, named)
                .transferToDevice(EVERY_EXECUTION, x).task("m", PersistedArraysTest::multiply, scales, x, y2)
                .transferToHost(EVERY_EXECUTION, y2);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(upload.snapshot(), first.snapshot(),
                second.snapshot())) {
            plan.withGraph(0).execute();
            raw.init(-1);
            packed.init(-1);
            scales.init(-1);
            for (int graph : new int[]{1, 2, 1, 1, 2, 2, 1}) {
                y1.init(0);
                y2.init(0);
                x.init(x.get(0) + 1);
                plan.withGraph(graph).execute();
                assertAll(y1, graph == 1 ? 6 * x.get(0) : 0);
                assertAll(y2, graph == 2 ? 7 * x.get(0) : 0);
            }
        }
    }

    private TaskGraph consumer(String name, String source, boolean named) {
        TaskGraph graph = new TaskGraph(name);
        return named
                ? graph.consumeFromDevice(source, packed, scales)
                : graph.consumeFromDevice(packed, scales);
    }

    @Test
    void whatOneGraphWritesTheNextOneReads() throws Exception {
        TaskGraph start = new TaskGraph("start").transferToDevice(FIRST_EXECUTION, raw)
                .task("t", PersistedArraysTest::twice, raw, packed).persistOnDevice(packed);
        TaskGraph step = new TaskGraph("step").consumeFromDevice("start", packed)
                .task("t", PersistedArraysTest::increment, packed).persistOnDevice(packed);
        TaskGraph end = new TaskGraph("end").consumeFromDevice("step", packed)
                .task("t", PersistedArraysTest::twice, packed, y1).transferToHost(EVERY_EXECUTION, y1);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(start.snapshot(), step.snapshot(),
                end.snapshot())) {
            plan.withGraph(0).execute();
            plan.withGraph(1).execute();
            plan.withGraph(2).execute();
            assertAll(y1, 14);
        }
    }

    private static void assertAll(FloatArray array, float expected) {
        for (float value : array.toHeapArray()) {
            assertThat(value).isEqualTo(expected);
        }
    }
}
