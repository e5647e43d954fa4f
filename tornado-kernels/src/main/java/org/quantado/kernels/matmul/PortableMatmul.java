package org.quantado.kernels.matmul;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The dequantizing matrix product as plain parallel loops: runs on every backend, and is the reference that the other
 * flavours are tested against.
 */
public final class PortableMatmul {
    private PortableMatmul() {
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
            FloatArray zeros,
            FloatArray bias, FloatArray y, IntArray shape, int inputs, int codesPerWord, int groupSize,
            int hasZeros) {
        for (@Parallel
        int n = 0; n < bias.getSize(); n++) {
            for (@Parallel
            int m = 0; m < shape.get(0); m++) {
                int codeBits = 32 / codesPerWord;
                int codeMask = table.getSize() - 1;
                int wordsPerRow = (inputs + codesPerWord - 1) / codesPerWord;
                int groups = (inputs + groupSize - 1) / groupSize;
                int wordsPerGroup = (groupSize + codesPerWord - 1) / codesPerWord;
                float sum = bias.get(n);
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
                y.set(m * bias.getSize() + n, sum);
            }
        }
    }
}
