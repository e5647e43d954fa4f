package org.quantado.kernels.matmul;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

/**
 * A weight in the layout of one flavour of the kernels, and the tasks that multiply with it.
 *
 * <p>The weight may be several blocks of N rows, such as those of the experts of a layer; then each block of rows of x
 * says which one it is multiplied with.
 */
public interface Matmul {
    /** The arrays that stay on the device. */
    Object[] arrays();

    /** Adds a task that reads each of {@link #arrays}, so that a graph can keep them on the device. */
    void touch(LayerGraph graph, String task);

    /**
     * How many rows of x are best multiplied together.
     *
     * @param expectedRows how many there will be for a block of the weight, more or less
     */
    int rowsPerBlock(int expectedRows);

    /**
     * Adds {@code y = x w^T + bias} to a graph that has the weight on the device.
     *
     * @param task name of the task; more tasks may be added under names that begin with it
     * @param x {@code [M, K]}
     * @param blocks of as many rows as {@link #rowsPerBlock} gives for some number; of any size if it gives 1 for all
     * @param y {@code [M, N]}; its shape says how many rows there are, on the device
     */
    void addTo(LayerGraph graph, String task, Rows x, RowBlocks blocks, Rows y);
}
