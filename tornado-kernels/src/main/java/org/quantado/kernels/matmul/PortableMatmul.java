package org.quantado.kernels.matmul;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The dequantizing matrix product as plain parallel loops: runs on every backend, and is the reference that the other
 * flavours are tested against.
 */
public final class PortableMatmul {
    private PortableMatmul() {
    }

    /** Adds the product {@code y = x w^T + bias} to a graph that has the weight on the device. */
    public static void addTo(LayerGraph graph, String task, Rows x, LinearWeight weight, FloatArray y) {
        QuantizedMatrix matrix = weight.matrix();
        graph.constants(matrix.table());
        graph.task(TaskPackage.createPackage(task, PortableMatmul::multiply, x.values(), matrix.words(), matrix.table(),
                matrix.scales(), matrix.zeros(), weight.bias(), y, x.shape(), matrix.inputs(),
                QuantizedMatrix.codesPerWord(matrix.codeBits()), matrix.groupSize(), matrix.hasZeros() ? 1 : 0),
                matrix.outputs(), x.capacity());
    }

    /**
     * Adds the products of rows with the weights of one expert each to a graph that has the weights on the device.
     *
     * @param experts the expert of each row of x, on the device
     * @param y its shape says on the device how many rows there are, and N
     */
    public static void addTo(LayerGraph graph, String task, Rows x, IntArray experts, ExpertMatrix weights, Rows y) {
        QuantizedMatrix matrix = weights.stacked().matrix();
        graph.constants(matrix.table());
        graph.task(TaskPackage.createPackage(task, PortableMatmul::multiplyExperts, x.values(), matrix.words(),
                matrix.table(), matrix.scales(), matrix.zeros(), weights.stacked().bias(), y.values(), y.shape(),
                experts, matrix.inputs(), QuantizedMatrix.codesPerWord(matrix.codeBits()), matrix.groupSize(),
                matrix.hasZeros() ? 1 : 0), weights.outputs(), y.capacity());
    }

    /**
     * {@code y[m,n] = sum_k x[m,k] * (table[code[n,k]] - zero[n,g]) * scale[n,g] + bias[n]}, one work-item per element.
     *
     * <p>Loop bounds come from arrays: a primitive argument that bounds a parallel loop would be replaced by the size
     * of the worker grid, everywhere in the kernel.
     *
     * @param x {@code [M, K]}
     * @param words {@code [N, ceil(K / codesPerWord)]}
     * @param table a power of two of values
     * @param scales {@code [N, ceil(K / groupSize)]}
     * @param zeros as {@code scales} if {@code hasZeros} is 1, else not read
     * @param bias {@code [N]}
     * @param y {@code [M, N]}
     * @param shape its first element is M, at most the rows that x and y have room for
     */
    public static void multiply(FloatArray x, IntArray words, FloatArray table, FloatArray scales,
            FloatArray zeros, FloatArray bias, FloatArray y, IntArray shape, int inputs, int codesPerWord,
            int groupSize, int hasZeros) {
        for (@Parallel
        int n = 0; n < bias.getSize(); n++) {
            for (@Parallel
            int m = 0; m < shape.get(0); m++) {
                float sum = dot(x, words, table, scales, zeros, m, n, inputs, codesPerWord, groupSize, hasZeros);
                y.set(m * bias.getSize() + n, bias.get(n) + sum);
            }
        }
    }

    /**
     * As {@link #multiply}, with the weights of E experts stacked, of which row m meets those of {@code experts[m]}.
     *
     * @param words {@code [E * N, ceil(K / codesPerWord)]}; scales, zeros and bias likewise
     * @param shape M and N
     * @param experts {@code [M]}
     */
    public static void multiplyExperts(FloatArray x, IntArray words, FloatArray table, FloatArray scales,
            FloatArray zeros, FloatArray bias, FloatArray y, IntArray shape, IntArray experts, int inputs,
            int codesPerWord, int groupSize, int hasZeros) {
        for (@Parallel
        int n = 0; n < shape.get(1); n++) {
            for (@Parallel
            int m = 0; m < shape.get(0); m++) {
                int row = experts.get(m) * shape.get(1) + n;
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
