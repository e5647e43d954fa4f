package org.quantado.schemes.linear;

import java.util.List;
import java.util.function.Supplier;

import org.quantado.kernels.matmul.MatrixRows;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The rows of a layer's weight where they lie in the mapped files, those of its partitions one below the other. They can be
 * read until the files are closed.
 */
record StackedRows(int outputs, int inputs, int codeBits, FloatArray table, int groupSize, boolean hasZeros,
        List<Partition> partitions) implements MatrixRows {
    /**
     * A partition of the layer.
     *
     * @param rows how many it has
     * @param reader opens what reads them, for one thread
     */
    record Partition(int rows, Supplier<Reader> reader) {
    }

    @Override
    public Reader reader() {
        return new StackedReader(partitions);
    }

    /** Has the reader of one partition open at a time. */
    private static final class StackedReader implements Reader {
        private final List<Partition> partitions;
        private Reader open;
        private int from;
        private int to;

        StackedReader(List<Partition> partitions) {
            this.partitions = partitions;
        }

        @Override
        public void words(int row, int[] words) {
            open(row).words(row - from, words);
        }

        @Override
        public void scales(int row, float[] scales) {
            open(row).scales(row - from, scales);
        }

        @Override
        public void zeros(int row, float[] zeros) {
            open(row).zeros(row - from, zeros);
        }

        private Reader open(int row) {
            if (row < from || row >= to) {
                int partition = -1;
                to = 0;
                while (to <= row) {
                    partition++;
                    from = to;
                    to += partitions.get(partition).rows();
                }
                open = partitions.get(partition).reader().get();
            }
            return open;
        }
    }
}
