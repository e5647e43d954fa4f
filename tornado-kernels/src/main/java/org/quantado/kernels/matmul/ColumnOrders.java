package org.quantado.kernels.matmul;

import java.lang.foreign.MemorySegment;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Weights as they are multiplied: without the orders in which their columns come, which are kept while the weights are
 * read.
 */
final class ColumnOrders implements ExpertWeights {
    private final ExpertWeights weights;
    private IntArray orders;
    private int columns;

    ColumnOrders(ExpertWeights weights) {
        this.weights = weights;
    }

    @Override
    public int experts() {
        return weights.experts();
    }

    @Override
    public int outputs() {
        return weights.outputs();
    }

    @Override
    public int inputs() {
        return weights.inputs();
    }

    @Override
    public LinearWeight read(int expert) {
        LinearWeight weight = weights.read(expert);
        if (expert == 0 && weight.columnOrder().isPresent()) {
            columns = weight.matrix().inputs();
            orders = new IntArray(ExpertStack.total(experts(), columns));
        }
        ExpertStack.requireAlike(weight.columnOrder().map(IntArray::getSize).orElse(0) == columns, expert);
        weight.columnOrder().ifPresent(order -> MemorySegment.copy(order.getSegment(), 0, orders.getSegment(),
                (long) expert * columns * Integer.BYTES, order.getSegment().byteSize()));
        return new LinearWeight(weight.matrix(), weight.bias());
    }

    @Override
    public void giveBack(LinearWeight weight) {
        weights.giveBack(weight);
    }

    /** The product with weights that were read here, of inputs whose columns come in the order of the layer's input. */
    Matmul applyTo(Matmul matmul) {
        return orders == null ? matmul : new OrderedMatmul(matmul, orders, columns);
    }
}
