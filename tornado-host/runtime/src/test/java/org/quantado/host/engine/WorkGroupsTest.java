package org.quantado.host.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.stream.IntStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** KernelContext kernels: ids, barriers, local memory and atomics. */
@Tag("device")
@ExtendWith(EngineExtension.class)
class WorkGroupsTest {
    private static final int GROUP = 64;
    private static final int TILE = 8;

    private final KernelContext context = new KernelContext();

    static void writeIds(KernelContext context, IntArray global, IntArray local, IntArray group,
            IntArray sizes) {
        int i = context.globalIdx;
        global.set(i, context.globalIdx);
        local.set(i, context.localIdx);
        group.set(i, context.groupIdx);
        sizes.set(i, context.globalGroupSizeX * 1000 + context.localGroupSizeX);
    }

    static void writePlaces(KernelContext context, IntArray places, int rows, int columns) {
        int x = context.globalIdx;
        int y = context.globalIdy;
        int z = context.globalIdz;
        places.set((z * rows + y) * columns + x,
                100 * (context.groupIdz * 100 + context.groupIdy * 10 + context.groupIdx)
                        + context.localIdz * 16
                        + context.localIdy * 4 + context.localIdx);
    }

    static void sumGroups(KernelContext context, FloatArray values, FloatArray sums) {
        int local = context.localIdx;
        float[] partial = context.allocateFloatLocalArray(GROUP);
        partial[local] = values.get(context.globalIdx);
        for (int stride = context.localGroupSizeX / 2; stride > 0; stride /= 2) {
            context.localBarrier();
            if (local < stride) {
                partial[local] = partial[local] + partial[local + stride];
            }
        }
        if (local == 0) {
            sums.set(context.groupIdx, partial[0]);
        }
    }

    static void reverseGroups(KernelContext context, IntArray values, IntArray reversed) {
        int local = context.localIdx;
        int[] here = context.allocateIntLocalArray(GROUP);
        int[] there = context.allocateIntLocalArray(GROUP);
        here[local] = values.get(context.globalIdx);
        context.localBarrier();
        there[local] = here[GROUP - 1 - local];
        context.localBarrier();
        reversed.set(context.globalIdx, there[local] + here[local] * 0);
    }

    static void multiplyTiles(KernelContext context, FloatArray a, FloatArray b, FloatArray c, int size) {
        int row = context.globalIdy;
        int column = context.globalIdx;
        int y = context.localIdy;
        int x = context.localIdx;
        float[] tileA = context.allocateFloatLocalArray(TILE * TILE);
        float[] tileB = context.allocateFloatLocalArray(TILE * TILE);
        float sum = 0;
        for (int t = 0; t < size / TILE; t++) {
            tileA[y * TILE + x] = a.get(row * size + t * TILE + x);
            tileB[y * TILE + x] = b.get((t * TILE + y) * size + column);
            context.localBarrier();
            for (int k = 0; k < TILE; k++) {
                sum += tileA[y * TILE + k] * tileB[k * TILE + x];
            }
            context.localBarrier();
        }
        c.set(row * size + column, sum);
    }

    static void histogram(KernelContext context, IntArray values, IntArray counts) {
        context.atomicAdd(counts, values.get(context.globalIdx), 1);
    }

    static void increase(KernelContext context, IntArray values) {
        values.set(context.globalIdx, values.get(context.globalIdx) + 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "64, 64", "256, 32", "96, 1"})
    void idsInOneDimension(int size, int group) throws Exception {
        IntArray global = new IntArray(size);
        IntArray local = new IntArray(size);
        IntArray groups = new IntArray(size);
        IntArray sizes = new IntArray(size);
        TaskGraph graph = new TaskGraph("ids")
                .task("t", WorkGroupsTest::writeIds, context, global, local, groups, sizes)
                .transferToHost(EVERY_EXECUTION, global, local, groups, sizes);
        WorkerGrid grid = new WorkerGrid1D(size);
        grid.setLocalWork(group, 1, 1);
        execute(graph, "ids.t", grid);
        for (int i = 0; i < size; i++) {
            assertThat(new int[]{global.get(i), local.get(i), groups.get(i), sizes.get(i)}).containsExactly(i,
                    i % group, i / group, size * 1000 + group);
        }
    }

    @Test
    void idsInTwoDimensions() throws Exception {
        IntArray places = new IntArray(12 * 8);
        WorkerGrid grid = new WorkerGrid2D(12, 8);
        grid.setLocalWork(4, 2, 1);
        execute(places("ids2", places, 8, 12), "ids2.t", grid);
        assertPlaces(places, 12, 8, 1, 4, 2, 1);
    }

    @Test
    void idsInThreeDimensions() throws Exception {
        IntArray places = new IntArray(8 * 6 * 4);
        WorkerGrid grid = new WorkerGrid3D(8, 6, 4);
        grid.setLocalWork(4, 3, 2);
        execute(places("ids3", places, 6, 8), "ids3.t", grid);
        assertPlaces(places, 8, 6, 4, 4, 3, 2);
    }

    private TaskGraph places(String name, IntArray places, int rows, int columns) {
        return new TaskGraph(name).task("t", WorkGroupsTest::writePlaces, context, places, rows, columns)
                .transferToHost(EVERY_EXECUTION, places);
    }

    private static void assertPlaces(IntArray places, int sizeX, int sizeY, int sizeZ, int localX, int localY,
            int localZ) {
        for (int z = 0; z < sizeZ; z++) {
            for (int y = 0; y < sizeY; y++) {
                for (int x = 0; x < sizeX; x++) {
                    int group = z / localZ * 100 + y / localY * 10 + x / localX;
                    int local = z % localZ * 16 + y % localY * 4 + x % localX;
                    assertThat(places.get((z * sizeY + y) * sizeX + x)).isEqualTo(100 * group + local);
                }
            }
        }
    }

    @Test
    void groupsSumInLocalMemory() throws Exception {
        int groups = 37;
        FloatArray values = new FloatArray(groups * GROUP);
        for (int i = 0; i < values.getSize(); i++) {
            values.set(i, i % 9);
        }
        FloatArray sums = new FloatArray(groups);
        TaskGraph graph = new TaskGraph("sums").transferToDevice(EVERY_EXECUTION, values)
                .task("t", WorkGroupsTest::sumGroups, context, values, sums)
                .transferToHost(EVERY_EXECUTION, sums);
        execute(graph, "sums.t", grid(groups * GROUP));
        for (int g = 0; g < groups; g++) {
            float expected = 0;
            for (int i = 0; i < GROUP; i++) {
                expected += values.get(g * GROUP + i);
            }
            assertThat(sums.get(g)).isEqualTo(expected);
        }
    }

    @Test
    void twoLocalArraysAreTwo() throws Exception {
        IntArray values = new IntArray(5 * GROUP);
        for (int i = 0; i < values.getSize(); i++) {
            values.set(i, i);
        }
        IntArray reversed = new IntArray(values.getSize());
        TaskGraph graph = new TaskGraph("reverse").transferToDevice(EVERY_EXECUTION, values)
                .task("t", WorkGroupsTest::reverseGroups, context, values, reversed)
                .transferToHost(EVERY_EXECUTION, reversed);
        execute(graph, "reverse.t", grid(values.getSize()));
        for (int i = 0; i < values.getSize(); i++) {
            assertThat(reversed.get(i)).isEqualTo(i / GROUP * GROUP + GROUP - 1 - i % GROUP);
        }
    }

    @Test
    void tilesAreReadByTheWholeGroup() throws Exception {
        int size = 32;
        FloatArray a = new FloatArray(size * size);
        FloatArray b = new FloatArray(size * size);
        for (int i = 0; i < size * size; i++) {
            a.set(i, i % 7 - 3);
            b.set(i, i % 5 - 2);
        }
        FloatArray c = new FloatArray(size * size);
        TaskGraph graph = new TaskGraph("tiles").transferToDevice(EVERY_EXECUTION, a, b)
                .task("t", WorkGroupsTest::multiplyTiles, context, a, b, c, size)
                .transferToHost(EVERY_EXECUTION, c);
        WorkerGrid grid = new WorkerGrid2D(size, size);
        grid.setLocalWork(TILE, TILE, 1);
        execute(graph, "tiles.t", grid);
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                float expected = 0;
                for (int k = 0; k < size; k++) {
                    expected += a.get(row * size + k) * b.get(k * size + column);
                }
                assertThat(c.get(row * size + column)).isEqualTo(expected);
            }
        }
    }

    @Test
    void atomicAdditionsLoseNothing() throws Exception {
        IntArray values = new IntArray(1 << 16);
        for (int i = 0; i < values.getSize(); i++) {
            values.set(i, i % 3);
        }
        IntArray counts = new IntArray(3);
        TaskGraph graph = new TaskGraph("histogram").transferToDevice(EVERY_EXECUTION, values, counts)
                .task("t", WorkGroupsTest::histogram, context, values, counts)
                .transferToHost(EVERY_EXECUTION, counts);
        execute(graph, "histogram.t", grid(values.getSize()));
        assertThat(IntStream.of(counts.toHeapArray()).sum()).isEqualTo(values.getSize());
        assertThat(counts.get(1)).isEqualTo((values.getSize() + 1) / 3);
    }

    @Test
    void theGroupSizeMayBeLeftOpen() throws Exception {
        IntArray values = new IntArray(1000);
        TaskGraph graph = new TaskGraph("open").transferToDevice(EVERY_EXECUTION, values)
                .task("t", WorkGroupsTest::increase, context, values).transferToHost(EVERY_EXECUTION, values);
        execute(graph, "open.t", new WorkerGrid1D(1000));
        assertThat(values.toHeapArray()).containsOnly(1);
    }

    private static WorkerGrid grid(int size) {
        WorkerGrid grid = new WorkerGrid1D(size);
        grid.setLocalWork(GROUP, 1, 1);
        return grid;
    }

    private static void execute(TaskGraph graph, String task, WorkerGrid grid) throws Exception {
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(new GridScheduler(task, grid)).execute();
        }
    }
}
