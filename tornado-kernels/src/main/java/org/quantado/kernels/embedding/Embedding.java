package org.quantado.kernels.embedding;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Rows of a table by their numbers, each times a factor. A table of codes is read as a weight is: those of 16-bit floats are
 * the floats themselves.
 */
public sealed interface Embedding {
    /** What must be on the device. */
    Object[] arrays();

    /** Adds a task that reads each of {@link #arrays}, so that a graph can keep them on the device. */
    void touch(LayerGraph graph, String task);

    /**
     * Adds {@code y[m] = factor * table[ids[m]]}.
     *
     * @param ids {@code [M]}, on the device; numbers of rows that there are
     * @param y {@code [M, H]}; its shape says how many rows there are, on the device
     */
    void addTo(LayerGraph graph, String task, IntArray ids, Rows y, float factor);

    /** Throws where rows are not as wide as the table. */
    private static void requireWidth(Rows y, int width) {
        if (y.width() != width) {
            throw new IllegalArgumentException("rows of " + y.width() + " for an embedding of " + width);
        }
    }

    /**
     * A table of floats.
     *
     * @param table {@code [V, H]}
     * @param width H
     */
    record OfFloats(FloatArray table, int width) implements Embedding {
        @Override
        public Object[] arrays() {
            return new Object[]{table};
        }

        @Override
        public void touch(LayerGraph graph, String task) {
            graph.task(TaskPackage.createPackage(task, OfFloats::read, table, new FloatArray(1)), 1, 1);
        }

        private static void read(FloatArray table, FloatArray witness) {
            for (@Parallel int i = 0; i < witness.getSize(); i++) {
                witness.set(i, table.get(i));
            }
        }

        @Override
        public void addTo(LayerGraph graph, String task, IntArray ids, Rows y, float factor) {
            requireWidth(y, width);
            graph.task(TaskPackage.createPackage(task, OfFloats::lookUp, ids, table, y.shape(), y.values(), factor),
                    width,
                    y.capacity());
        }

        private static void lookUp(IntArray ids, FloatArray table, IntArray shape, FloatArray y, float factor) {
            for (@Parallel int i = 0; i < shape.get(1); i++) {
                for (@Parallel int m = 0; m < shape.get(0); m++) {
                    y.set(m * shape.get(1) + i, factor * table.get(ids.get(m) * shape.get(1) + i));
                }
            }
        }
    }

    /**
     * A table of codes.
     *
     * @param matrix {@code [V, H]}
     */
    record OfCodes(QuantizedMatrix matrix) implements Embedding {
        @Override
        public Object[] arrays() {
            return new Object[]{matrix.words(), matrix.table(), matrix.scales(), matrix.zeros()};
        }

        @Override
        public void touch(LayerGraph graph, String task) {
            graph.task(TaskPackage.createPackage(task, OfCodes::read, matrix.words(), matrix.table(), matrix.scales(),
                    matrix.zeros(), new FloatArray(1)), 1, 1);
        }

        private static void read(IntArray words, FloatArray table, FloatArray scales, FloatArray zeros,
                FloatArray witness) {
            for (@Parallel int i = 0; i < witness.getSize(); i++) {
                witness.set(i, words.get(i) + table.get(i) + scales.get(i) + zeros.get(i));
            }
        }

        @Override
        public void addTo(LayerGraph graph, String task, IntArray ids, Rows y, float factor) {
            requireWidth(y, matrix.inputs());
            graph.task(TaskPackage.createPackage(task, OfCodes::lookUp, ids, matrix.words(), matrix.table(),
                    matrix.scales(), matrix.zeros(), y.shape(), y.values(), factor,
                    QuantizedMatrix.codesPerWord(matrix.codeBits()), matrix.groupSize(), matrix.hasZeros() ? 1 : 0),
                    matrix.inputs(), y.capacity());
        }

        private static void lookUp(IntArray ids, IntArray words, FloatArray table, FloatArray scales, FloatArray zeros,
                IntArray shape, FloatArray y, float factor, int codesPerWord, int groupSize, int hasZeros) {
            for (@Parallel int i = 0; i < shape.get(1); i++) {
                for (@Parallel int m = 0; m < shape.get(0); m++) {
                    int wordsPerRow = (shape.get(1) + codesPerWord - 1) / codesPerWord;
                    int groups = (shape.get(1) + groupSize - 1) / groupSize;
                    int word = words.get(ids.get(m) * wordsPerRow + i / codesPerWord);
                    int code = (word >> (i % codesPerWord * (32 / codesPerWord))) & (table.getSize() - 1);
                    int group = ids.get(m) * groups + i / groupSize;
                    float zero = 0.0f;
                    if (hasZeros == 1) {
                        zero = zeros.get(group);
                    }
                    y.set(m * shape.get(1) + i, factor * ((table.get(code) - zero) * scales.get(group)));
                }
            }
        }
    }
}
