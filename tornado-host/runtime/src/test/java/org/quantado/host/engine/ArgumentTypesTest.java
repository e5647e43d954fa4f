package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.CharArray;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat4;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat8;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt4;
import uk.ac.manchester.tornado.api.types.vectors.Float16;
import uk.ac.manchester.tornado.api.types.vectors.Float4;
import uk.ac.manchester.tornado.api.types.vectors.Float8;
import uk.ac.manchester.tornado.api.types.vectors.Int16;
import uk.ac.manchester.tornado.api.types.vectors.Int4;

/** What a kernel may be given. */
@Tag("device")
@ExtendWith(EngineExtension.class)
class ArgumentTypesTest {
    private static final int SIZE = 48;

    static void bytes(ByteArray from, ByteArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void shorts(ShortArray from, ShortArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void chars(CharArray from, CharArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i));
        }
    }

    static void longs(LongArray from, LongArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i) + 1);
        }
    }

    static void doubles(DoubleArray from, DoubleArray to) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, from.get(i) * 0.5);
        }
    }

    static void javaArrays(int[] from, float[] to) {
        for (@Parallel int i = 0; i < to.length; i++) {
            to[i] = from[i] + 0.5f;
        }
    }

    static void vectors(VectorFloat4 from4, VectorFloat4 to4, VectorFloat8 from8, VectorFloat8 to8) {
        for (@Parallel int i = 0; i < to4.getLength(); i++) {
            to4.set(i, Float4.add(from4.get(i), from4.get(i)));
            to8.set(i, Float8.add(from8.get(i), from8.get(i)));
        }
    }

    static void sixteens(VectorFloat16 from, VectorInt16 by, VectorFloat16 to) {
        for (@Parallel int i = 0; i < to.getLength(); i++) {
            Int16 factors = by.get(i);
            to.set(i, Float16.mult(factors, from.get(i)));
        }
    }

    static void fours(VectorInt4 from, VectorInt4 to) {
        for (@Parallel int i = 0; i < to.getLength(); i++) {
            to.set(i, Int4.add(from.get(i), from.get(i)));
        }
    }

    static void constants(FloatArray to, float a, int b, long c) {
        for (@Parallel int i = 0; i < to.getSize(); i++) {
            to.set(i, a + b + c);
        }
    }

    @Test
    void bytes() throws Exception {
        ByteArray from = new ByteArray(SIZE);
        ByteArray to = new ByteArray(SIZE);
        for (int i = 0; i < SIZE; i++) {
            from.set(i, (byte) (5 * i - 128));
        }
        execute(new TaskGraph("bytes").transferToDevice(EVERY_EXECUTION, from)
                .task("t", ArgumentTypesTest::bytes, from, to)
                .transferToHost(EVERY_EXECUTION, to));
        assertThat(to.toHeapArray()).isEqualTo(from.toHeapArray());
    }

    @Test
    void shorts() throws Exception {
        ShortArray from = new ShortArray(SIZE);
        ShortArray to = new ShortArray(SIZE);
        for (int i = 0; i < SIZE; i++) {
            from.set(i, (short) (1000 * i - 30_000));
        }
        execute(new TaskGraph("shorts").transferToDevice(EVERY_EXECUTION, from)
                .task("t", ArgumentTypesTest::shorts, from, to).transferToHost(EVERY_EXECUTION, to));
        assertThat(to.toHeapArray()).isEqualTo(from.toHeapArray());
    }

    @Test
    void chars() throws Exception {
        CharArray from = new CharArray(SIZE);
        CharArray to = new CharArray(SIZE);
        for (int i = 0; i < SIZE; i++) {
            from.set(i, (char) ('0' + i));
        }
        execute(new TaskGraph("chars").transferToDevice(EVERY_EXECUTION, from)
                .task("t", ArgumentTypesTest::chars, from, to)
                .transferToHost(EVERY_EXECUTION, to));
        assertThat(to.toHeapArray()).isEqualTo(from.toHeapArray());
    }

    @Test
    void longs() throws Exception {
        LongArray from = new LongArray(SIZE);
        from.init(1L << 40);
        LongArray to = new LongArray(SIZE);
        execute(new TaskGraph("longs").transferToDevice(EVERY_EXECUTION, from)
                .task("t", ArgumentTypesTest::longs, from, to)
                .transferToHost(EVERY_EXECUTION, to));
        assertThat(to.toHeapArray()).containsOnly((1L << 40) + 1);
    }

    @Test
    void doubles() throws Exception {
        DoubleArray from = new DoubleArray(SIZE);
        from.init(1e-300);
        DoubleArray to = new DoubleArray(SIZE);
        execute(new TaskGraph("doubles").transferToDevice(EVERY_EXECUTION, from)
                .task("t", ArgumentTypesTest::doubles, from, to).transferToHost(EVERY_EXECUTION, to));
        assertThat(to.toHeapArray()).containsOnly(0.5e-300);
    }

    @Test
    void javaArrays() throws Exception {
        int[] from = new int[SIZE];
        java.util.Arrays.fill(from, 3);
        float[] to = new float[SIZE];
        execute(new TaskGraph("javaArrays").transferToDevice(EVERY_EXECUTION, from)
                .task("t", ArgumentTypesTest::javaArrays, from, to).transferToHost(EVERY_EXECUTION, to));
        assertThat(to).containsOnly(3.5f);
    }

    @Test
    void vectors() throws Exception {
        VectorFloat4 from4 = new VectorFloat4(SIZE);
        VectorFloat4 to4 = new VectorFloat4(SIZE);
        VectorFloat8 from8 = new VectorFloat8(SIZE);
        VectorFloat8 to8 = new VectorFloat8(SIZE);
        from4.fill(1.5f);
        from8.fill(2.5f);
        execute(new TaskGraph("vectors").transferToDevice(EVERY_EXECUTION, from4, from8)
                .task("t", ArgumentTypesTest::vectors, from4, to4, from8, to8)
                .transferToHost(EVERY_EXECUTION, to4, to8));
        assertThat(to4.getArray().toHeapArray()).hasSize(4 * SIZE).containsOnly(3f);
        assertThat(to8.getArray().toHeapArray()).hasSize(8 * SIZE).containsOnly(5f);
    }

    @Test
    void vectorsOverAnArrayOfTheUsers() throws Exception {
        FloatArray values = new FloatArray(16 * SIZE);
        IntArray factors = new IntArray(16 * SIZE);
        for (int i = 0; i < values.getSize(); i++) {
            values.set(i, i % 11);
            factors.set(i, i % 3);
        }
        VectorFloat16 from = new VectorFloat16(values);
        VectorInt16 by = new VectorInt16(factors);
        VectorFloat16 to = new VectorFloat16(SIZE);
        execute(new TaskGraph("sixteens").transferToDevice(EVERY_EXECUTION, from, by)
                .task("t", ArgumentTypesTest::sixteens, from, by, to).transferToHost(EVERY_EXECUTION, to));
        for (int i = 0; i < values.getSize(); i++) {
            assertThat(to.getArray().get(i)).isEqualTo(values.get(i) * factors.get(i));
        }
    }

    @Test
    void intVectors() throws Exception {
        VectorInt4 from = new VectorInt4(SIZE);
        VectorInt4 to = new VectorInt4(SIZE);
        from.getArray().init(21);
        execute(new TaskGraph("fours").transferToDevice(EVERY_EXECUTION, from)
                .task("t", ArgumentTypesTest::fours, from, to)
                .transferToHost(EVERY_EXECUTION, to));
        assertThat(to.getArray().toHeapArray()).containsOnly(42);
    }

    @Test
    void constants() throws Exception {
        FloatArray to = new FloatArray(SIZE);
        execute(new TaskGraph("constants").task("t", ArgumentTypesTest::constants, to, 0.25f, 2, 40L)
                .transferToHost(EVERY_EXECUTION, to));
        assertThat(to.toHeapArray()).containsOnly(42.25f);
    }

    private static void execute(TaskGraph graph) throws Exception {
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.execute();
        }
    }
}
