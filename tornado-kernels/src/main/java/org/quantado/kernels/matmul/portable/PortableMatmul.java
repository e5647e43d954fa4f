package org.quantado.kernels.matmul.portable;

import java.util.Map;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.LoadedMatmul;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.kernels.matmul.RowBlocks;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The dequantizing matrix product as plain parallel loops: runs on every backend, and is the reference that the other
 * flavours are tested against.
 */
record PortableMatmul(ExpertMatrix weights) implements LoadedMatmul {
    static final BlockSizes USUAL_BLOCKS = BlockSizes.of(Map.of(1, 1));

    @Override
    public int rowsPerBlock(int expectedRows) {
        return 1;
    }

    @Override
    public void addTo(LayerGraph graph, String task, Rows x, RowBlocks blocks, Rows y) {
        QuantizedMatrix matrix = weights.matrix();
        graph.constants(matrix.table());
        graph.task(TaskPackage.createPackage(task, PortableMatmul::multiply, x.values(), matrix.words(),
                matrix.table(), matrix.scales(), matrix.zeros(), weights.stacked().bias(), y.values(), y.shape(),
                blocks.weightBlocks(), blocks.rows(), matrix.inputs(), QuantizedMatrix.codesPerWord(matrix.codeBits()),
                matrix.groupSize(), matrix.hasZeros() ? 1 : 0), weights.outputs(), y.capacity());
    }

    /**
     * {@code y[m,n] = sum_k x[m,k] * (table[code[r,k]] - zero[r,g]) * scale[r,g] + bias[r]} with row r the n-th of the
     * weight's block, one work-item per element.
     *
     * <p>Loop bounds come from arrays: a primitive argument that bounds a parallel loop would be replaced by the size
     * of the worker grid, everywhere in the kernel.
     *
     * @param x {@code [M, K]}
     * @param words {@code [E * N, ceil(K / codesPerWord)]}, E blocks of the weight
     * @param table a power of two of values
     * @param scales {@code [E * N, ceil(K / groupSize)]}
     * @param zeros as {@code scales} if {@code hasZeros} is 1, else not read
     * @param bias {@code [E * N]}
     * @param y {@code [M, N]}
     * @param shape M, at most the rows that x and y have room for, and N
     * @param blocks {@code [ceil(M / rowsPerBlock)]}, the block of the weight for each block of rows
     */
    static void multiply(FloatArray x, IntArray words, FloatArray table, FloatArray scales, FloatArray zeros,
            FloatArray bias, FloatArray y, IntArray shape, IntArray blocks, int rowsPerBlock, int inputs,
            int codesPerWord, int groupSize, int hasZeros) {
        for (@Parallel int n = 0; n < shape.get(1); n++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int row = blocks.get(m / rowsPerBlock) * shape.get(1) + n;
                float sum = dot(x, words, table, scales, zeros, m, row, inputs, codesPerWord, groupSize, hasZeros);
                y.set(m * shape.get(1) + n, bias.get(row) + sum);
            }
        }
    }

    /** Row m of x times row n of the weight. */
    private static float dot(FloatArray x, IntArray words, FloatArray table, FloatArray scales, FloatArray zeros,
            int m, int n, int inputs, int codesPerWord, int groupSize, int hasZeros) {
        int codeBits = 32 / codesPerWord;
        int codeMask = table.getSize() - 1;
        int wordsPerRow = (inputs + codesPerWord - 1) / codesPerWord;
        int groups = (inputs + groupSize - 1) / groupSize;
        int wordsPerGroup = (groupSize + codesPerWord - 1) / codesPerWord;
        float sum = 0.0f;
        for (int g = 0; g < groups; g++) {
            float zero = 0.0f;
            if (hasZeros == 1) {
                zero = zeros.get(n * groups + g);
            }
            float dot = 0.0f;
            int lastWord = Math.min(wordsPerRow, (g + 1) * wordsPerGroup);
            for (int w = g * wordsPerGroup; w < lastWord; w++) {
                int word = words.get(n * wordsPerRow + w);
                int firstColumn = w * codesPerWord;
                int codes = Math.min(codesPerWord, inputs - firstColumn);
                for (int j = 0; j < codes; j++) {
                    int code = (word >> (j * codeBits)) & codeMask;
                    dot += (table.get(code) - zero) * x.get(m * inputs + firstColumn + j);
                }
            }
            sum += dot * scales.get(n * groups + g);
        }
        return sum;
    }
}
