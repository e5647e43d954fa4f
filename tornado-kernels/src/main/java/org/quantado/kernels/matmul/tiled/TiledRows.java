package org.quantado.kernels.matmul.tiled;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Activations as a {@link TiledWeight} is multiplied with them: blocks of rows, in which a column is contiguous. */
public final class TiledRows {
    private TiledRows() {
    }

    /**
     * Adds the task that lays the rows out, unless they lie so already.
     *
     * @param shape M on the device
     * @return {@code [ceil(capacity / rowsPerBlock), K', rowsPerBlock]}, K' with zeros that fill up the groups, as the last
     *     block with rows is filled up
     */
    public static FloatArray addTo(LayerGraph graph, String task, Rows x, IntArray shape, TiledWeight weight,
            int rowsPerBlock) {
        int blocks = Math.ceilDiv(x.capacity(), rowsPerBlock);
        if (rowsPerBlock == 1 && weight.paddedInputs() == weight.inputs()) {
            return x.values();
        }
        FloatArray tiled = new FloatArray(
                Math.multiplyExact(blocks, Math.multiplyExact(weight.paddedInputs(), rowsPerBlock)));
        IntArray columns = IntArray.fromElements(weight.paddedInputs());
        graph.constants(columns);
        graph.task(TaskPackage.createPackage(task, TiledRows::tile, x.values(), tiled, shape, columns,
                weight.inputs(), weight.groupSize(), weight.runsPerGroup() * TileCode.RUN, rowsPerBlock),
                weight.paddedInputs(),
                blocks);
        return tiled;
    }

    private static void tile(FloatArray x, FloatArray tiled, IntArray shape, IntArray columns, int inputs,
            int groupSize, int paddedGroup, int rowsPerBlock) {
        for (@Parallel int c = 0; c < columns.get(0); c++) {
            for (@Parallel int b = 0; b < (shape.get(0) + rowsPerBlock - 1) / rowsPerBlock; b++) {
                int inGroup = c % paddedGroup;
                int k = c / paddedGroup * groupSize + inGroup;
                int rowsWithValues = shape.get(0);
                if (inGroup >= groupSize) {
                    rowsWithValues = 0;
                }
                if (k >= inputs) {
                    rowsWithValues = 0;
                }
                for (int r = 0; r < rowsPerBlock; r++) {
                    int m = b * rowsPerBlock + r;
                    float value = 0.0f;
                    if (m < rowsWithValues) {
                        value = x.get(m * inputs + k);
                    }
                    tiled.set((b * columns.get(0) + c) * rowsPerBlock + r, value);
                }
            }
        }
    }
}
