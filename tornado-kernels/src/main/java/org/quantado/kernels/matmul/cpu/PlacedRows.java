package org.quantado.kernels.matmul.cpu;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Rows of x for kernels that leave a field where it is in its word and mask the others out, which saves two shifts
 * per weight. A field is then worth {@code 2^place} times too much, so x is divided by that, which is exact down to 2^-95.
 */
final class PlacedRows {
    private PlacedRows() {
    }

    /**
     * Adds the task that makes them.
     *
     * @param shape M on the device
     * @param rows of a block
     * @return {@code [ceil(M / rows), K', rows]}, in blocks of rows in which a column is contiguous
     */
    static FloatArray addTo(LayerGraph graph, String task, Rows x, IntArray shape, TiledWeight weight, int rows) {
        TileCode code = weight.code();
        FloatArray factors = new FloatArray(TileCode.UNIT);
        for (int column = 0; column < TileCode.UNIT; column++) {
            factors.set(column,
                    1.0f / (1 << (code.isSpare(column) ? Integer.SIZE - code.width() : code.place(column))));
        }
        IntArray sizes = IntArray.fromElements(weight.paddedInputs());
        int capacity = Math.ceilDiv(x.capacity(), rows) * rows;
        FloatArray placed = new FloatArray(Math.multiplyExact(capacity, weight.paddedInputs()));
        graph.constants(factors, sizes);
        graph.task(TaskPackage.createPackage(task, PlacedRows::place, x.values(), placed, factors, shape, sizes,
                weight.inputs(), weight.groupSize(), weight.runsPerGroup() * TileCode.RUN, rows),
                weight.paddedInputs(), x.capacity());
        return placed;
    }

    private static void place(FloatArray x, FloatArray placed, FloatArray factors, IntArray shape,
            IntArray sizes, int inputs, int groupSize, int paddedGroup, int rows) {
        for (@Parallel int column = 0; column < sizes.get(0); column++) {
            for (@Parallel int b = 0; b < shape.get(0); b++) {
                float value = value(x, b, column, inputs, groupSize, paddedGroup);
                placed.set((b / rows * sizes.get(0) + column) * rows + b % rows,
                        value * factors.get(column % TileCode.UNIT));
            }
        }
    }

    /** The value of a padded column: 0 in what fills up a group. */
    private static float value(FloatArray x, int row, int column, int inputs, int groupSize, int paddedGroup) {
        int inGroup = column % paddedGroup;
        int k = column / paddedGroup * groupSize + inGroup;
        int columnsWithValues = inputs;
        if (inGroup >= groupSize) {
            columnsWithValues = 0;
        }
        float value = 0.0f;
        if (k < columnsWithValues) {
            value = x.get(row * inputs + k);
        }
        return value;
    }
}
