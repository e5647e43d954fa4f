package org.quantado.kernels.matmul;

import java.util.Arrays;
import java.util.stream.Stream;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The product with weights whose columns come in an order of their own: those of x are brought into it first.
 *
 * @param matmul with the weights as they are
 * @param orders {@code [E, K']}, the column of x that each column of a weight belongs to, -1 for none
 * @param columns K'
 */
record OrderedMatmul(Matmul matmul, IntArray orders, int columns) implements Matmul {
    @Override
    public Object[] arrays() {
        return Stream.concat(Arrays.stream(matmul.arrays()), Stream.of(orders)).toArray();
    }

    @Override
    public void touch(LayerGraph graph, String task) {
        matmul.touch(graph, task);
        graph.task(TaskPackage.createPackage(task + "Orders", OrderedMatmul::read, orders, new IntArray(1)), 1, 1);
    }

    private static void read(IntArray orders, IntArray witness) {
        for (@Parallel int i = 0; i < witness.getSize(); i++) {
            witness.set(i, orders.get(i));
        }
    }

    @Override
    public int rowsPerBlock(int expectedRows) {
        return matmul.rowsPerBlock(expectedRows);
    }

    @Override
    public void addTo(LayerGraph graph, String task, Rows x, RowBlocks blocks, Rows y) {
        Rows ordered = new Rows(new FloatArray(Math.multiplyExact(x.capacity(), columns)), x.shape(), x.capacity(),
                columns);
        IntArray size = IntArray.fromElements(columns);
        graph.constants(size);
        graph.task(TaskPackage.createPackage(task + "Gather", OrderedMatmul::gather, x.values(), orders,
                blocks.weightBlocks(), x.shape(), size, ordered.values(), x.width(), blocks.rows()), columns,
                x.capacity());
        matmul.addTo(graph, task, ordered, blocks, y);
    }

    private static void gather(FloatArray x, IntArray orders, IntArray blocks, IntArray shape, IntArray size,
            FloatArray gathered, int width, int rowsPerBlock) {
        for (@Parallel int k = 0; k < size.get(0); k++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int column = orders.get(blocks.get(m / rowsPerBlock) * size.get(0) + k);
                float value = 0.0f;
                if (column >= 0) {
                    value = x.get(m * width + column);
                }
                gathered.set(m * size.get(0) + k, value);
            }
        }
    }
}
