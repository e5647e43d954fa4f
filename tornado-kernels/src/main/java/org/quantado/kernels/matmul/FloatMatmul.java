package org.quantado.kernels.matmul;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.KernelContext;
import org.quantado.kernels.memory.LargeArrays;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The product with a weight of floats: of checkpoints that hold them, and of routers.
 *
 * @param weight {@code [E * N, K]}, E blocks of the weight
 * @param bias {@code [E * N]}
 * @param inputs K
 * @param flavour by which a work-item or a work-group makes an element
 */
public record FloatMatmul(FloatArray weight, FloatArray bias, int inputs, Flavour flavour) implements Matmul {
    /** Outputs of a work-item, in the kernel of plain loops. */
    private static final int TOGETHER = 4;

    /** Work-items of a work-group that share an output: two warps. */
    private static final int GROUP = 64;

    public FloatMatmul {
        if (weight.getSize() != bias.getSize() * (long) inputs) {
            throw new IllegalArgumentException("a weight of " + weight.getSize() + " floats is not [" + bias.getSize()
                    + ", " + inputs + "]");
        }
    }

    /** Reads weights of floats, block by block. */
    static FloatMatmul of(ExpertWeights weights, Flavour flavour) {
        int size = ExpertStack.total(weights.experts(), weights.outputs() * (long) weights.inputs());
        FloatArray all = LargeArrays.floats(size);
        FloatArray bias = new FloatArray(weights.experts() * weights.outputs());
        for (int expert = 0; expert < weights.experts(); expert++) {
            LinearWeight weight = weights.read(expert);
            long bytes = all.getSegment().byteSize() / weights.experts();
            weight.matrix().copyFloats(all.getSegment().asSlice(expert * bytes, bytes));
            for (int n = 0; n < weights.outputs(); n++) {
                bias.set(expert * weights.outputs() + n, weight.bias().get(n));
            }
            weights.giveBack(weight);
        }
        return new FloatMatmul(all, bias, weights.inputs(), flavour);
    }

    @Override
    public Object[] arrays() {
        return new Object[]{weight, bias};
    }

    @Override
    public void touch(LayerGraph graph, String task) {
        graph.task(TaskPackage.createPackage(task, FloatMatmul::read, weight, bias, new FloatArray(1)), 1, 1);
    }

    private static void read(FloatArray weight, FloatArray bias, FloatArray witness) {
        for (@Parallel int i = 0; i < witness.getSize(); i++) {
            witness.set(i, weight.get(i) + bias.get(i));
        }
    }

    @Override
    public int rowsPerBlock(int expectedRows) {
        return 1;
    }

    @Override
    public void addTo(LayerGraph graph, String task, Rows x, RowBlocks blocks, Rows y) {
        if (flavour == Flavour.GPU) {
            WorkerGrid grid = new WorkerGrid2D(y.width() * GROUP, y.capacity());
            grid.setLocalWork(GROUP, 1, 1);
            graph.task(TaskPackage.createPackage(task, FloatMatmul::multiplyByGroups, new KernelContext(), x.values(),
                    weight, bias, blocks.weightBlocks(), y.shape(), y.values(), inputs, blocks.rows()), grid);
        } else {
            TaskPackage multiply = TaskPackage.createPackage(task,
                    flavour == Flavour.HOST ? HostFloats::multiply : FloatMatmul::multiply, x.values(), weight, bias,
                    blocks.weightBlocks(), y.shape(), y.values(), inputs, blocks.rows());
            int items = Math.ceilDiv(y.width(), TOGETHER);
            if (flavour == Flavour.PORTABLE) {
                graph.task(multiply, items, y.capacity());
            } else {
                WorkerGrid grid = new WorkerGrid2D(items, y.capacity());
                grid.setLocalWork(1, 1, 1);
                graph.task(multiply, grid);
            }
        }
    }

    /**
     * {@code y = x w^T + bias}, four outputs by one work-item: four sums that do not wait for each other. The last output
     * stands in for those beyond it.
     *
     * @param blocks for each block of rows the block of the weight
     * @param shape M and N
     */
    private static void multiply(FloatArray x, FloatArray weight, FloatArray bias, IntArray blocks, IntArray shape,
            FloatArray y, int inputs, int rowsPerBlock) {
        for (@Parallel int four = 0; four < (shape.get(1) + 3) / 4; four++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int last = shape.get(1) - 1;
                int first = blocks.get(m / rowsPerBlock) * shape.get(1);
                int n0 = 4 * four;
                int n1 = Math.min(n0 + 1, last);
                int n2 = Math.min(n0 + 2, last);
                int n3 = Math.min(n0 + 3, last);
                float sum0 = 0.0f;
                float sum1 = 0.0f;
                float sum2 = 0.0f;
                float sum3 = 0.0f;
                for (int k = 0; k < inputs; k++) {
                    float value = x.get(m * inputs + k);
                    sum0 += value * weight.get((first + n0) * inputs + k);
                    sum1 += value * weight.get((first + n1) * inputs + k);
                    sum2 += value * weight.get((first + n2) * inputs + k);
                    sum3 += value * weight.get((first + n3) * inputs + k);
                }
                int row = m * shape.get(1);
                y.set(row + n3, sum3 + bias.get(first + n3));
                y.set(row + n2, sum2 + bias.get(first + n2));
                y.set(row + n1, sum1 + bias.get(first + n1));
                y.set(row + n0, sum0 + bias.get(first + n0));
            }
        }
    }

    /** As {@link #multiply}, one output by each work-group of 64, whose work-items read neighbouring weights. */
    private static void multiplyByGroups(KernelContext context, FloatArray x, FloatArray weight, FloatArray bias,
            IntArray blocks, IntArray shape, FloatArray y, int inputs, int rowsPerBlock) {
        float[] sums = context.allocateFloatLocalArray(64);
        int item = context.localIdx;
        int n = context.groupIdx;
        int m = context.globalIdy;
        int columns = inputs;
        int block = 0;
        if (m >= shape.get(0)) {
            columns = 0;
        }
        if (m < shape.get(0)) {
            block = blocks.get(m / rowsPerBlock);
        }
        int row = block * shape.get(1) + n;
        float sum = 0.0f;
        for (int k = item; k < columns; k += 64) {
            sum += x.get(m * inputs + k) * weight.get(row * inputs + k);
        }
        sums[item] = sum;
        for (int stride = 32; stride > 0; stride = stride / 2) {
            context.localBarrier();
            if (item < stride) {
                sums[item] = sums[item] + sums[item + stride];
            }
        }
        int other = item;
        if (m >= shape.get(0)) {
            other = 1;
        }
        if (other == 0) {
            y.set(m * shape.get(1) + n, sums[0] + bias.get(row));
        }
    }
}
