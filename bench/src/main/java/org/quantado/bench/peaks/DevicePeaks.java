package org.quantado.bench.peaks;

import org.quantado.bench.timing.Stopwatch;
import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.matmul.Flavour;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;

/**
 * What the device does at most, measured by kernels of its own.
 *
 * @param readBytesPerSecond reading 256 MB once
 * @param flopPerSecond multiply-adds of 32-bit floats, each counted as two
 */
public record DevicePeaks(double readBytesPerSecond, double flopPerSecond) {
    /** More than any cache holds. */
    private static final int READ_BYTES = 1 << 28;

    private static final int VECTOR = 16;
    private static final int PARTS = 256;
    private static final int GPU_PARTS = 1 << 18;
    private static final int CHAIN_LENGTH = 20_000;
    private static final int GPU_CHAIN_LENGTH = 2_000;
    private static final int GPU_GROUP = 64;
    private static final int GPU_CHAINS = 4;
    private static final int FLOP_PER_MULTIPLY_ADD = 2;
    private static final float FACTOR = 0.5f;

    /** Measures with the kernels that suit a flavour. */
    public static DevicePeaks measure(Flavour flavour, Stopwatch stopwatch) {
        Engine.ensureInstalled();
        return switch (flavour) {
            case CPU -> vectors(stopwatch);
            case HOST -> host(stopwatch);
            default -> portable(stopwatch);
        };
    }

    private static DevicePeaks vectors(Stopwatch stopwatch) {
        VectorInt16 data = new VectorInt16(READ_BYTES / Integer.BYTES / VECTOR);
        IntArray readSizes = IntArray.fromElements(PARTS, data.getLength() / PARTS);
        IntArray chainSizes = IntArray.fromElements(PARTS, CHAIN_LENGTH);
        VectorFloat16 start = new VectorFloat16(VECTOR);
        start.fill(FACTOR);
        return new DevicePeaks(
                READ_BYTES / seconds(stopwatch, PARTS, 1,
                        TaskPackage.createPackage("peak", VectorPeakKernels::read, data, new VectorInt16(PARTS),
                                readSizes),
                        data, readSizes),
                PARTS * (double) CHAIN_LENGTH * VECTOR * VECTOR * FLOP_PER_MULTIPLY_ADD
                        / seconds(stopwatch, PARTS, 1, TaskPackage.createPackage("peak",
                                VectorPeakKernels::multiplyAdd, start, new VectorFloat16(PARTS), chainSizes), start,
                                chainSizes));
    }

    private static DevicePeaks host(Stopwatch stopwatch) {
        IntArray data = new IntArray(READ_BYTES / Integer.BYTES);
        IntArray readSizes = IntArray.fromElements(PARTS, data.getSize() / PARTS);
        IntArray chainSizes = IntArray.fromElements(PARTS, CHAIN_LENGTH);
        FloatArray start = FloatArray.fromElements(FACTOR);
        return new DevicePeaks(
                READ_BYTES / seconds(stopwatch, PARTS, 1,
                        TaskPackage.createPackage("peak", HostPeakKernels::read, data, new IntArray(PARTS), readSizes),
                        data, readSizes),
                PARTS * (double) CHAIN_LENGTH * HostPeakKernels.CHAINS * HostPeakKernels.lanes()
                        * FLOP_PER_MULTIPLY_ADD
                        / seconds(stopwatch, PARTS, 1, TaskPackage.createPackage("peak", HostPeakKernels::multiplyAdd,
                                start, new FloatArray(PARTS), chainSizes), start, chainSizes));
    }

    private static DevicePeaks portable(Stopwatch stopwatch) {
        IntArray data = new IntArray(READ_BYTES / Integer.BYTES);
        IntArray readSizes = IntArray.fromElements(GPU_PARTS, data.getSize() / GPU_PARTS);
        IntArray chainSizes = IntArray.fromElements(GPU_PARTS, GPU_CHAIN_LENGTH);
        FloatArray start = FloatArray.fromElements(FACTOR);
        return new DevicePeaks(
                READ_BYTES / seconds(stopwatch, GPU_PARTS, GPU_GROUP,
                        TaskPackage.createPackage("peak", PortablePeakKernels::read, data, new IntArray(GPU_PARTS),
                                readSizes),
                        data, readSizes),
                GPU_PARTS * (double) GPU_CHAIN_LENGTH * GPU_CHAINS * FLOP_PER_MULTIPLY_ADD
                        / seconds(stopwatch, GPU_PARTS, GPU_GROUP, TaskPackage.createPackage("peak",
                                PortablePeakKernels::multiplyAdd, start, new FloatArray(GPU_PARTS), chainSizes),
                                start, chainSizes));
    }

    /** The best time of a task on the device, whose result stays there. */
    private static double seconds(Stopwatch stopwatch, int items, int group, TaskPackage task, Object... constants) {
        WorkerGrid grid = new WorkerGrid1D(items);
        grid.setLocalWork(group, 1, 1);
        try (GraphPlan plan = GraphPlan.of("peaks", graph -> graph.constants(constants).task(task, grid)
                .persist(task.getTaskParameters()[2]))) {
            return stopwatch.measure(plan::execute, plan).kernels().best() * 1e-9;
        }
    }
}
