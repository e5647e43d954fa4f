package org.quantado.kernels.matmul.gpu;

import java.util.Map;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.DeviceSettings;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.LoadedMatmul;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.kernels.matmul.RowBlocks;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The product for GPUs, on a weight as it was loaded: {@link GpuRows} for single rows of x, {@link GpuTiles} for blocks of
 * 16 or 64. Where these give too few work-items to fill the device, K is split, and a second task adds up what the splits
 * gave.
 *
 * @param settings of the device, with blocks of 1, 16 or 64 rows
 */
record GpuMatmul(ExpertMatrix weights, DeviceSettings settings) implements LoadedMatmul {
    /**
     * A tile decodes a weight once for all of its rows, but multiplies 16 or 64 rows whether they are there or not: counted
     * in instructions for a weight (MXFP4 on NVIDIA's sm_90), a single row takes 10, a tile of 16 rows 53 and one of 64 rows
     * 172, so that 16 pay from 6 rows on, and 64 where they replace more than three times 16.
     */
    static final BlockSizes USUAL_BLOCKS = BlockSizes.of(Map.of(1, 1, 6, 16, 49, 64));

    @Override
    public int rowsPerBlock(int expectedRows) {
        return settings.blocks().rowsPerBlock(expectedRows);
    }

    @Override
    public void addTo(LayerGraph graph, String task, Rows x, RowBlocks rowBlocks, Rows y) {
        ColumnSplit split = split(y.capacity(), rowBlocks.rows());
        int splits = split.count();
        if (splits == 1) {
            addProduct(graph, task, x, rowBlocks, y, split);
        } else {
            Rows sums = y.with(new FloatArray(Math.multiplyExact(splits, y.values().getSize())));
            addProduct(graph, task, x, rowBlocks, sums, split);
            graph.task(TaskPackage.createPackage(task + "AddUp", ColumnSplit::addUp, sums.values(), y.values(),
                    y.shape(), splits, y.capacity()), y.width(), y.capacity());
        }
    }

    private ColumnSplit split(int capacity, int blockRows) {
        int inputs = weights.matrix().inputs();
        int outputs = weights.outputs();
        if (blockRows == 1) {
            return ColumnSplit.of(inputs, GpuRows.groups(outputs, capacity), settings.workItems() / GpuRows.ITEMS,
                    GpuRows.CHUNK);
        }
        return ColumnSplit.of(inputs, GpuTiles.groups(outputs, capacity, blockRows),
                settings.workItems() / GpuTiles.items(blockRows), GpuTiles.LEAST_COLUMNS);
    }

    private void addProduct(LayerGraph graph, String task, Rows x, RowBlocks rowBlocks, Rows sums, ColumnSplit split) {
        QuantizedMatrix matrix = weights.matrix();
        FloatArray bias = weights.stacked().bias();
        IntArray sizes = split.sizes(sums.capacity());
        int codesPerWord = QuantizedMatrix.codesPerWord(matrix.codeBits());
        int wordsPerGroup = wordsPerGroup(matrix);
        int tableSize = matrix.table().getSize();
        int hasZeros = matrix.hasZeros() ? 1 : 0;
        graph.constants(matrix.table(), sizes);
        if (rowBlocks.rows() == 1) {
            graph.task(TaskPackage.createPackage(task, GpuRows::multiplyRows, new KernelContext(), x.values(),
                    matrix.words(), matrix.table(), matrix.scales(), matrix.zeros(), bias, sums.values(), sums.shape(),
                    rowBlocks.weightBlocks(), sizes, codesPerWord, wordsPerGroup, tableSize, hasZeros),
                    GpuRows.grid(weights.outputs(), sums.capacity(), split.count(), settings.workItems()));
        } else {
            graph.task(TaskPackage.createPackage(task, GpuTiles::multiplyTiles, new KernelContext(), x.values(),
                    matrix.words(), matrix.table(), matrix.scales(), matrix.zeros(), bias, sums.values(), sums.shape(),
                    rowBlocks.weightBlocks(), sizes, codesPerWord, wordsPerGroup, tableSize, hasZeros),
                    GpuTiles.grid(weights.outputs(), sums.capacity(), rowBlocks.rows(), split.count()));
        }
    }

    /** A power of two wherever there can be one, since others are slow to divide by. */
    private static int wordsPerGroup(QuantizedMatrix matrix) {
        int wordsPerRow = QuantizedMatrix.wordsPerRow(matrix.inputs(), matrix.codeBits());
        return matrix.groupSize() >= matrix.inputs()
                ? 2 * Integer.highestOneBit(wordsPerRow)
                : matrix.groupSize() / QuantizedMatrix.codesPerWord(matrix.codeBits());
    }
}
