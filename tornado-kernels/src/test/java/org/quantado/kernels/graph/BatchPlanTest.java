package org.quantado.kernels.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class BatchPlanTest {
    private final CountedWeight weight = new CountedWeight(FloatArray.fromElements(5));

    /** One number, and how often it was brought to the device. */
    private static final class CountedWeight implements BatchPlan.Weights {
        private final FloatArray value;
        private int uploads;

        CountedWeight(FloatArray value) {
            this.value = value;
        }

        @Override
        public void upload(LayerGraph graph) {
            uploads++;
            graph.constants(value);
            graph.task(TaskPackage.createPackage("touch", BatchPlanTest::read, value, new FloatArray(1)), 1, 1);
            graph.persist(value);
        }

        @Override
        public Object[] arrays() {
            return new Object[]{value};
        }
    }

    private record Buffers(Rows x, Rows y) {
    }

    static void read(FloatArray value, FloatArray witness) {
        for (@Parallel int i = 0; i < witness.getSize(); i++) {
            witness.set(i, value.get(i));
        }
    }

    static void multiply(FloatArray x, FloatArray weight, IntArray shape, FloatArray y, float factor) {
        for (@Parallel int m = 0; m < shape.get(0); m++) {
            y.set(m, x.get(m) * weight.get(0) * factor);
        }
    }

    private BatchPlan.WayIn<Buffers> wayIn(BatchPlan plan, String name, float factor) {
        return plan.wayIn(name, (graph, capacity) -> {
            Rows x = Rows.allocate(capacity, 1);
            Rows y = x.with(new FloatArray(capacity));
            graph.inputs(x.values(), x.shape());
            graph.task(TaskPackage.createPackage("multiply", BatchPlanTest::multiply, x.values(), weight.value,
                    x.shape(), y.values(), factor), capacity, 1);
            graph.outputs(y.values());
            return new Buffers(x, y);
        });
    }

    private static void assertProducts(BatchPlan.WayIn<Buffers> wayIn, int rows, float factor) {
        Buffers buffers = wayIn.buffersFor(rows);
        buffers.x.setCount(rows);
        for (int m = 0; m < rows; m++) {
            buffers.x.values().set(m, m + 1);
        }
        wayIn.execute(rows);
        for (int m = 0; m < rows; m++) {
            assertThat(buffers.y.values().get(m)).isEqualTo((m + 1) * 5 * factor);
        }
    }

    @Test
    void waysInShareTheWeights() {
        try (BatchPlan plan = new BatchPlan(weight)) {
            BatchPlan.WayIn<Buffers> once = wayIn(plan, "once", 1);
            BatchPlan.WayIn<Buffers> twice = wayIn(plan, "twice", 2);
            assertProducts(once, 1, 1);
            assertThat(weight.uploads).isEqualTo(1);
            assertProducts(twice, 3, 2);
            assertThat(weight.uploads).isEqualTo(2);
            assertProducts(once, 1, 1);
            assertProducts(twice, 4, 2);
            assertThat(weight.uploads).as("both graphs are there").isEqualTo(2);
            assertProducts(once, 17, 1);
            assertProducts(twice, 2, 2);
            assertProducts(once, 1, 1);
            assertThat(weight.uploads).isEqualTo(3);
        }
    }

    @Test
    void whatWasFreedIsTakenAgain() {
        BatchPlan plan = new BatchPlan(weight);
        BatchPlan.WayIn<Buffers> rows = wayIn(plan, "rows", 3);
        assertProducts(rows, 2, 3);
        plan.close();
        assertProducts(rows, 2, 3);
        assertThat(weight.uploads).isEqualTo(2);
        plan.close();
        plan.close();
    }

    @Test
    void tasksTakeTogetherWhatAllKernelsTake() {
        try (BatchPlan plan = new BatchPlan(weight)) {
            BatchPlan.WayIn<Buffers> rows = wayIn(plan, "rows", 3);
            plan.profile(true);
            for (int execution = 0; execution < 3; execution++) {
                assertProducts(rows, 2, 3);
            }
            GraphTimes times = plan.takeTimes();
            assertThat(times.nanosByTask().values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(times.kernelNanos());
        }
    }
}
