package org.quantado.kernels.matmul;

import java.util.Map;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The product for GPUs, on a weight as it was loaded: neighbouring work-items read neighbouring words of a row.
 *
 * <p>For few rows of x a work-group makes one element of y for each row of a block: its work-items share K among them
 * and add up in local memory. For many rows it makes a square of y, from squares of x and of decoded weights that it
 * holds in local memory.
 *
 * @param blocks of 1 row, or of a square's
 */
record GpuMatmul(ExpertMatrix weights, BlockSizes blocks) implements LoadedMatmul {
    /** Work-items that share a row of the weight: two warps. */
    static final int GROUP = 64;

    /** Side of a square of y: work-groups of 16 x 16 run on every GPU. */
    static final int SIDE = 16;

    /** Half a square of x is full enough: a square decodes a weight once for all of its rows. */
    static final BlockSizes USUAL_BLOCKS = BlockSizes.of(Map.of(1, 1, SIDE / 2, SIDE));

    @Override
    public int rowsPerBlock(int expectedRows) {
        return blocks.rowsPerBlock(expectedRows);
    }

    @Override
    public void addTo(LayerGraph graph, String task, Rows x, RowBlocks rowBlocks, Rows y) {
        QuantizedMatrix matrix = weights.stacked().matrix();
        FloatArray bias = weights.stacked().bias();
        IntArray sizes = IntArray.fromElements(matrix.inputs(), matrix.groupSize());
        int codesPerWord = QuantizedMatrix.codesPerWord(matrix.codeBits());
        int hasZeros = matrix.hasZeros() ? 1 : 0;
        graph.constants(matrix.table(), sizes);
        if (rowBlocks.rows() == 1) {
            WorkerGrid grid = new WorkerGrid2D(weights.outputs() * GROUP, x.capacity());
            grid.setLocalWork(GROUP, 1, 1);
            graph.task(TaskPackage.createPackage(task, GpuMatmul::rowByRow, new KernelContext(), x.values(),
                    matrix.words(), matrix.table(), matrix.scales(), matrix.zeros(), bias, y.values(), y.shape(),
                    rowBlocks.weightBlocks(), sizes, codesPerWord, hasZeros), grid);
        } else {
            WorkerGrid grid = new WorkerGrid2D(Math.ceilDiv(weights.outputs(), SIDE) * SIDE,
                    Math.ceilDiv(x.capacity(), SIDE) * SIDE);
            grid.setLocalWork(SIDE, SIDE, 1);
            graph.task(TaskPackage.createPackage(task, GpuMatmul::squares, new KernelContext(), x.values(),
                    matrix.words(), matrix.table(), matrix.scales(), matrix.zeros(), bias, y.values(), y.shape(),
                    rowBlocks.weightBlocks(), sizes, codesPerWord, hasZeros), grid);
        }
    }

    /**
     * {@code y[m,n]} by work-group (n, m), 64 work-items along K.
     *
     * @param sizes K and the group size
     */
    static void rowByRow(KernelContext context, FloatArray x, IntArray words, FloatArray table, FloatArray scales,
            FloatArray zeros, FloatArray bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int codesPerWord, int hasZeros) {
        float[] sums = context.allocateFloatLocalArray(64);
        int item = context.localIdx;
        int n = context.groupIdx;
        int m = context.globalIdy;
        int inputs = sizes.get(0);
        int groupSize = sizes.get(1);
        int wordsPerRow = (inputs + codesPerWord - 1) / codesPerWord;
        int wordsPerGroup = (groupSize + codesPerWord - 1) / codesPerWord;
        int groups = (inputs + groupSize - 1) / groupSize;
        int lastWord = wordsPerRow;
        if (m >= shape.get(0)) {
            lastWord = 0;
        }
        int row = blocks.get(m) * shape.get(1) + n;
        int codeBits = 32 / codesPerWord;
        int codeMask = table.getSize() - 1;
        float sum = 0.0f;
        for (int w = item; w < lastWord; w += 64) {
            int word = words.get(row * wordsPerRow + w);
            int group = row * groups + w / wordsPerGroup;
            float zero = 0.0f;
            if (hasZeros == 1) {
                zero = zeros.get(group);
            }
            int column = w * codesPerWord;
            int codes = Math.min(codesPerWord, inputs - column);
            float dot = 0.0f;
            for (int j = 0; j < codes; j++) {
                float value = table.get((word >> (j * codeBits)) & codeMask);
                dot += (value - zero) * x.get(m * inputs + column + j);
            }
            sum += dot * scales.get(group);
        }
        sums[item] = sum;
        for (int stride = 32; stride > 0; stride = stride / 2) {
            context.localBarrier();
            if (item < stride) {
                sums[item] = sums[item] + sums[item + stride];
            }
        }
        int writer = 1;
        if (m < shape.get(0)) {
            writer = 0;
        }
        if (item + writer == 0) {
            y.set(m * shape.get(1) + n, bias.get(row) + sums[0]);
        }
    }

    /** A square of y by a work-group of 16 x 16, 16 columns of x and of the weight at a time. */
    static void squares(KernelContext context, FloatArray x, IntArray words, FloatArray table, FloatArray scales,
            FloatArray zeros, FloatArray bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes,
            int codesPerWord, int hasZeros) {
        float[] xs = context.allocateFloatLocalArray(272);
        float[] ws = context.allocateFloatLocalArray(272);
        int column = context.localIdx;
        int line = context.localIdy;
        int n = context.globalIdx;
        int m = context.globalIdy;
        int inputs = sizes.get(0);
        int groupSize = sizes.get(1);
        int wordsPerRow = (inputs + codesPerWord - 1) / codesPerWord;
        int groups = (inputs + groupSize - 1) / groupSize;
        int codeBits = 32 / codesPerWord;
        int codeMask = table.getSize() - 1;
        int firstRow = blocks.get(context.groupIdy) * shape.get(1);
        int columns = inputs;
        if (context.groupIdy * 16 >= shape.get(0)) {
            columns = 0;
        }
        int lastN = shape.get(1) - 1;
        int loadM = Math.min(m, shape.get(0) - 1);
        int loadRow = firstRow + Math.min(n - column + line, lastN);
        float sum = 0.0f;
        for (int first = 0; first < columns; first += 16) {
            int k = first + column;
            float weight = 0.0f;
            float activation = 0.0f;
            if (k < inputs) {
                int group = loadRow * groups + k / groupSize;
                int word = words.get(loadRow * wordsPerRow + k / codesPerWord);
                float zero = 0.0f;
                if (hasZeros == 1) {
                    zero = zeros.get(group);
                }
                float value = table.get((word >> (k % codesPerWord * codeBits)) & codeMask);
                weight = (value - zero) * scales.get(group);
                activation = x.get(loadM * inputs + k);
            }
            ws[line * 17 + column] = weight;
            xs[line * 17 + column] = activation;
            context.localBarrier();
            for (int i = 0; i < 16; i++) {
                sum += xs[line * 17 + i] * ws[column * 17 + i];
            }
            context.localBarrier();
        }
        int outside = 0;
        if (m >= shape.get(0)) {
            outside = 1;
        }
        if (n > lastN) {
            outside = 1;
        }
        if (outside == 0) {
            y.set(m * shape.get(1) + n, bias.get(firstRow + n) + sum);
        }
    }
}
