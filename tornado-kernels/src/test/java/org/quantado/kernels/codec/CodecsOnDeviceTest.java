package org.quantado.kernels.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.codec.E4M3.Overflow;
import org.quantado.kernels.engine.Engine;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Every kernel-usable encoding and rounding in one graph, bit for bit against plain Java: all bfloat16 values, and the
 * floats just below, at and just above the middle between each two of them.
 */
@Tag("device")
class CodecsOnDeviceTest {
    private static final String GRAPH = "codecs";
    private static final int[] LOW_HALVES = {0x0000, 0x7fff, 0x8000, 0x8001};
    private static final int WORK_GROUP = 64;

    private final FloatArray values = values();
    private final TaskGraph graph = new TaskGraph(GRAPH).transferToDevice(DataTransferMode.EVERY_EXECUTION,
            values);
    private final GridScheduler grids = new GridScheduler();
    private final List<DynamicTest> checks = new ArrayList<>();

    static void encodeE4M3(FloatArray values, FloatArray thresholds, IntArray codes) {
        for (@Parallel int index = 0; index < values.getSize(); index++) {
            codes.set(index, E4M3.encode(values.get(index), thresholds));
        }
    }

    static void nearest(FloatArray values, IntArray codes, float inverseNormal, float stepsPerOctave, int largest) {
        for (@Parallel int index = 0; index < values.getSize(); index++) {
            float magnitude = TornadoMath.abs(values.get(index));
            int code = FloatCodes.nearest(magnitude, inverseNormal, stepsPerOctave, largest);
            codes.set(index, Float.isNaN(magnitude) ? -1 : code);
        }
    }

    static void encodeE8M0(FloatArray values, FloatArray thresholds, int underflowCode, IntArray codes) {
        for (@Parallel int index = 0; index < values.getSize(); index++) {
            codes.set(index, E8M0.encode(values.get(index), thresholds, underflowCode));
        }
    }

    static void toF16(FloatArray values, IntArray codes) {
        for (@Parallel int index = 0; index < values.getSize(); index++) {
            codes.set(index, HalfCodes.toF16(values.get(index)));
        }
    }

    static void toBF16(FloatArray values, IntArray codes) {
        for (@Parallel int index = 0; index < values.getSize(); index++) {
            codes.set(index, HalfCodes.toBF16(values.get(index)));
        }
    }

    static void roundToDtype(FloatArray values, FloatArray table, FloatArray rounded) {
        for (@Parallel int index = 0; index < values.getSize(); index++) {
            rounded.set(index, RoundToDtype.round(values.get(index), table));
        }
    }

    static void roundHalfToEven(FloatArray values, FloatArray rounded) {
        for (@Parallel int index = 0; index < values.getSize(); index++) {
            rounded.set(index, RoundToInt.halfToEven(values.get(index)));
        }
    }

    static void roundHalfAwayFromZero(FloatArray values, FloatArray rounded) {
        for (@Parallel int index = 0; index < values.getSize(); index++) {
            rounded.set(index, RoundToInt.halfAwayFromZero(values.get(index)));
        }
    }

    @BeforeAll
    static void ensureThatAnEngineRunsTaskGraphs() {
        Engine.ensureInstalled();
    }

    @TestFactory
    Stream<DynamicTest> codesAndRoundingsAreThoseOfPlainJava() throws TornadoExecutionPlanException {
        for (Overflow overflow : Overflow.values()) {
            addE4M3(overflow);
        }
        addNearest("nearest_e4m3", E4M3.INVERSE_NORMAL, E4M3.STEPS_PER_OCTAVE, E4M3.NAN_CODE,
                value -> E4M3.encode(value, Overflow.NAN));
        addNearest("nearest_e4m3_saturating", E4M3.INVERSE_NORMAL, E4M3.STEPS_PER_OCTAVE, E4M3.NAN_CODE - 1,
                value -> E4M3.encode(value, Overflow.SATURATE));
        addNearest("nearest_e2m1", E2M1.INVERSE_NORMAL, E2M1.STEPS_PER_OCTAVE, E2M1.SIGN_BIT - 1, E2M1::encode);
        for (E8M0Rule rule : E8M0Rule.values()) {
            addE8M0(rule);
        }
        addHalves();
        for (ModelDtype dtype : ModelDtype.values()) {
            addRoundingTo(dtype);
        }
        addRoundingsToIntegers();
        try (var plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(grids).execute();
        }
        return checks.stream();
    }

    private void addE4M3(Overflow overflow) {
        String name = "e4m3_" + overflow;
        FloatArray thresholds = E4M3.thresholds(overflow);
        IntArray codes = new IntArray(values.getSize());
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, thresholds) //
                .task(name, CodecsOnDeviceTest::encodeE4M3, values, thresholds, codes);
        check(name, codes, value -> E4M3.encode(value, overflow));
    }

    /** Of magnitudes by arithmetic, against the search of the plain codecs. */
    private void addNearest(String name, float inverseNormal, float stepsPerOctave, int largest,
            Encoding expected) {
        IntArray codes = new IntArray(values.getSize());
        graph.task(name, CodecsOnDeviceTest::nearest, values, codes, inverseNormal, stepsPerOctave, largest);
        check(name, codes, value -> Float.isNaN(value) ? -1 : expected.encode(Math.abs(value)));
    }

    private void addE8M0(E8M0Rule rule) {
        String name = "e8m0_" + rule;
        FloatArray thresholds = rule.thresholds();
        IntArray codes = new IntArray(values.getSize());
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, thresholds) //
                .task(name, CodecsOnDeviceTest::encodeE8M0, values, thresholds, rule.underflowCode(), codes);
        check(name, codes, rule::encode);
    }

    private void addHalves() {
        IntArray f16 = new IntArray(values.getSize());
        graph.task("half_f16", CodecsOnDeviceTest::toF16, values, f16);
        check("half_f16", f16, value -> Float.isNaN(value) ? 0x7e00 : Float16.fromFloat(value) & 0xFFFF);
        IntArray bf16 = new IntArray(values.getSize());
        graph.task("half_bf16", CodecsOnDeviceTest::toBF16, values, bf16);
        check("half_bf16", bf16, value -> BFloat16.fromFloat(value) & 0xFFFF);
    }

    private void addRoundingTo(ModelDtype dtype) {
        String name = "to_" + dtype;
        FloatArray table = dtype.roundingTable();
        FloatArray rounded = new FloatArray(values.getSize());
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, table) //
                .task(name, CodecsOnDeviceTest::roundToDtype, values, table, rounded);
        check(name, rounded, dtype::round);
    }

    private void addRoundingsToIntegers() {
        FloatArray toEven = new FloatArray(values.getSize());
        graph.task("half_to_even", CodecsOnDeviceTest::roundHalfToEven, values, toEven);
        check("half_to_even", toEven, RoundToInt::halfToEven);
        FloatArray awayFromZero = new FloatArray(values.getSize());
        graph.task("half_away_from_zero", CodecsOnDeviceTest::roundHalfAwayFromZero, values, awayFromZero);
        check("half_away_from_zero", awayFromZero, RoundToInt::halfAwayFromZero);
    }

    private interface Encoding {
        int encode(float value);
    }

    private interface Rounding {
        float round(float value);
    }

    private void check(String task, IntArray codes, Encoding expected) {
        check(task, codes, codes::get, expected);
    }

    private void check(String task, FloatArray rounded, Rounding expected) {
        check(task, rounded, index -> Float.floatToIntBits(rounded.get(index)),
                value -> Float.floatToIntBits(expected.round(value)));
    }

    private void check(String task, Object result, IntUnaryOperator actual, Encoding expected) {
        WorkerGrid1D grid = new WorkerGrid1D(values.getSize());
        grid.setLocalWork(WORK_GROUP, 1, 1);
        grids.addWorkerGrid(GRAPH + "." + task, grid);
        graph.transferToHost(DataTransferMode.EVERY_EXECUTION, result);
        checks.add(DynamicTest.dynamicTest(task, () -> {
            List<String> differences = new ArrayList<>();
            for (int index = 0; index < values.getSize(); index++) {
                int found = actual.applyAsInt(index);
                int wanted = expected.encode(values.get(index));
                if (found != wanted) {
                    differences.add(
                            values.get(index) + " gives " + Integer.toHexString(found) + " not "
                                    + Integer.toHexString(wanted));
                }
            }
            assertThat(differences).isEmpty();
        }));
    }

    private static FloatArray values() {
        FloatArray values = new FloatArray(LOW_HALVES.length << Short.SIZE);
        for (int index = 0; index < values.getSize(); index++) {
            int highHalf = index / LOW_HALVES.length;
            values.set(index,
                    Float.intBitsToFloat(highHalf << Short.SIZE | LOW_HALVES[index % LOW_HALVES.length]));
        }
        return values;
    }
}
