package org.quantado.host.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat;
import uk.ac.manchester.tornado.api.types.images.ImageFloat;
import uk.ac.manchester.tornado.api.types.matrix.Matrix2DFloat;
import uk.ac.manchester.tornado.api.types.vectors.Float4;

/** Arguments that are more than an array, and kernels that are more than a static method. */
@Tag("device")
@ExtendWith(EngineExtension.class)
class ObjectArgumentsTest {
    private static final int SIZE = 32;

    static void product(Float4 a, Float4 b, VectorFloat result) {
        result.set(0, Float4.dot(a, b));
    }

    static void transpose(Matrix2DFloat from, Matrix2DFloat to) {
        for (@Parallel int i = 0; i < from.getNumRows(); i++) {
            for (@Parallel int j = 0; j < from.getNumColumns(); j++) {
                to.set(j, i, from.get(i, j));
            }
        }
    }

    static void brighten(ImageFloat image, float by) {
        for (@Parallel int y = 0; y < image.Y(); y++) {
            for (@Parallel int x = 0; x < image.X(); x++) {
                image.set(x, y, image.get(x, y) + by);
            }
        }
    }

    static void addAll(FloatArray values) {
        for (@Parallel int i = 0; i < values.getSize(); i++) {
            values.set(i, values.get(i) + i);
        }
    }

    static final class Line {
        void fill(FloatArray to, float with) {
            for (int i = 0; i < to.getSize(); i++) {
                to.set(i, with);
            }
        }
    }

    @Test
    void singleVectors() throws Exception {
        Float4 a = new Float4(1, 2, 3, 4);
        Float4 b = new Float4(4, 3, 2, 1);
        VectorFloat result = new VectorFloat(1);
        Execute.once(new TaskGraph("product").transferToDevice(EVERY_EXECUTION, a, b)
                .task("t", ObjectArgumentsTest::product, a, b, result).transferToHost(EVERY_EXECUTION, result));
        assertThat(result.get(0)).isEqualTo(20);
    }

    @Test
    void matrices() throws Exception {
        Matrix2DFloat from = new Matrix2DFloat(SIZE, SIZE);
        for (int i = 0; i < SIZE; i++) {
            for (int j = 0; j < SIZE; j++) {
                from.set(i, j, 100 * i + j);
            }
        }
        Matrix2DFloat to = new Matrix2DFloat(SIZE, SIZE);
        Execute.once(new TaskGraph("transpose").transferToDevice(EVERY_EXECUTION, from)
                .task("t", ObjectArgumentsTest::transpose, from, to).transferToHost(EVERY_EXECUTION, to));
        assertThat(to.get(3, 7)).isEqualTo(703);
        assertThat(to.get(SIZE - 1, 0)).isEqualTo(SIZE - 1);
    }

    @Test
    void images() throws Exception {
        ImageFloat image = new ImageFloat(SIZE, SIZE);
        image.fill(1);
        Execute.once(new TaskGraph("brighten").transferToDevice(EVERY_EXECUTION, image)
                .task("t", ObjectArgumentsTest::brighten, image, 2f).transferToHost(EVERY_EXECUTION, image));
        assertThat(image.get(SIZE - 1, 3)).isEqualTo(3);
    }

    @Test
    void methodsOfObjects() throws Exception {
        Line line = new Line();
        FloatArray to = new FloatArray(SIZE);
        Execute.once(new TaskGraph("line").task("t", line::fill, to, 2.5f).transferToHost(EVERY_EXECUTION, to));
        assertThat(to.toHeapArray()).containsOnly(2.5f);
    }

    @Test
    void lambdasInPlace() throws Exception {
        IntArray from = new IntArray(SIZE);
        from.init(4);
        IntArray to = new IntArray(SIZE);
        Execute.once(new TaskGraph("lambda").transferToDevice(EVERY_EXECUTION, from).task("t", (a, b) -> {
            for (@Parallel int i = 0; i < b.getSize(); i++) {
                b.set(i, a.get(i) + 1);
            }
        }, from, to).transferToHost(EVERY_EXECUTION, to));
        assertThat(to.toHeapArray()).containsOnly(5);
    }

    @Test
    void batches() throws Exception {
        FloatArray values = new FloatArray(1 << 19);
        values.init(1);
        TaskGraph graph = new TaskGraph("batches").transferToDevice(EVERY_EXECUTION, values)
                .task("t", ObjectArgumentsTest::addAll, values).transferToHost(EVERY_EXECUTION, values);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withBatch("1MB").execute();
        }
        assertThat(values.get(values.getSize() - 1)).isEqualTo(values.getSize());
        assertThat(values.get(1000)).isEqualTo(1001);
    }
}
