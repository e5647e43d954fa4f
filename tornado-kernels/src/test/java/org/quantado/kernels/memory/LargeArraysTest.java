package org.quantado.kernels.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.kernels.graph.GraphPlan;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

@Tag("device")
class LargeArraysTest {
    private static final int LARGE = 300_001;
    private static final int SMALL = 17;

    @Test
    void arraysAreZerosOfTheSizeAskedFor() {
        for (int size : new int[]{SMALL, LARGE}) {
            IntArray ints = LargeArrays.ints(size);
            FloatArray floats = LargeArrays.floats(size);
            for (TornadoNativeArray array : new TornadoNativeArray[]{ints, floats}) {
                assertThat(array.getSize()).isEqualTo(size);
                assertThat(array.getNumBytesOfSegment()).isEqualTo(4L * size);
                assertThat(array.getSegment().byteSize()).isEqualTo(4L * size);
                assertThat(array.getNumBytesOfSegmentWithHeader())
                        .isEqualTo(array.getSegmentWithHeader().byteSize());
            }
            assertThat(ints.toHeapArray()).containsOnly(0);
            assertThat(floats.toHeapArray()).containsOnly(0);
            ints.set(size - 1, 3);
            assertThat(ints.getSegment().asByteBuffer().order(java.nio.ByteOrder.nativeOrder()).getInt(4 * (size - 1)))
                    .isEqualTo(3);
        }
    }

    @Test
    void onlyLargeOnesLieInFreshMemory() {
        long before = FreshMemory.bytesInUse();
        IntArray small = LargeArrays.ints(SMALL);
        assertThat(FreshMemory.bytesInUse()).isLessThanOrEqualTo(before);
        IntArray large = LargeArrays.ints(LARGE);
        assertThat(FreshMemory.bytesInUse()).isGreaterThanOrEqualTo(large.getNumBytesOfSegmentWithHeader());
        assertThat(small.getSegment().mismatch(MemorySegment.ofArray(new int[SMALL]))).isEqualTo(-1);
    }

    @Test
    void kernelsReadAndWriteThem() {
        IntArray x = LargeArrays.ints(LARGE);
        FloatArray y = LargeArrays.floats(LARGE);
        for (int i = 0; i < LARGE; i++) {
            x.set(i, i);
        }
        try (GraphPlan plan = GraphPlan.of("large", graph -> {
            graph.inputs(x);
            graph.task(TaskPackage.createPackage("half", LargeArraysTest::halve, x, y), LARGE, 1);
            graph.outputs(y);
        })) {
            plan.execute();
        }
        for (int i = 0; i < LARGE; i++) {
            assertThat(y.get(i)).isEqualTo(i * 0.5f);
        }
    }

    private static void halve(IntArray x, FloatArray y) {
        for (@Parallel int i = 0; i < x.getSize(); i++) {
            y.set(i, x.get(i) * 0.5f);
        }
    }
}
