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
 * The highest bit of a field is its sign, but only that of the highest field is taken for one, and of spare bits, which are
 * put together there; that of the others is flipped before, which adds {@code 2^(width - 1)} to each, and sums over x take this offset out again; of an infinite x, NaN is
 * left.
 *
 * <p>Both sums of a stretch of columns add up in the order in which kernels add up products, so that nothing is left of
 * the offset where all weights are 0.
 *
 * @param values {@code [ceil(M / rows), K', rows]}, in blocks of rows in which a column is contiguous
 * @param sums {@code [M', stretches, 2]}: for each stretch of columns that kernels sum up apart, the sum of x times the
 *     offset, and of x
 * @param stretches of a row
 */
record PlacedRows(FloatArray values, FloatArray sums, int stretches) {
    /** Columns that are placed together. */
    private static final int COLUMNS = 4;
    /** Sums that kernels for single rows add products up in, by turns. */
    private static final int TURNS_OF_ONE_ROW = 4;
    /** The same of kernels for blocks. */
    private static final int TURNS_OF_A_BLOCK = 2;

    /**
     * Adds the task that makes them.
     *
     * @param shape M on the device
     * @param rows of a block
     */
    static PlacedRows addTo(LayerGraph graph, String task, Rows x, IntArray shape, TiledWeight weight, int rows) {
        TileCode code = weight.code();
        FloatArray factors = new FloatArray(TileCode.UNIT);
        FloatArray offsets = new FloatArray(TileCode.UNIT);
        for (int column = 0; column < TileCode.UNIT; column++) {
            factors.set(column,
                    1.0f / (1 << (code.isSpare(column) ? Integer.SIZE - code.width() : code.place(column))));
            offsets.set(column, code.isInside(column) ? 1 << (code.width() - 1) : 0.0f);
        }
        int paddedGroup = weight.runsPerGroup() * TileCode.RUN;
        int stretch = code.piecesPerRun() == TileCode.FOURS ? paddedGroup : stretchOfUnits(weight.runsPerGroup());
        int stretches = weight.paddedInputs() / stretch;
        IntArray sizes = IntArray.fromElements(stretches, stretch, weight.paddedInputs());
        int capacity = Math.ceilDiv(x.capacity(), rows) * rows;
        PlacedRows placed = new PlacedRows(new FloatArray(Math.multiplyExact(capacity, weight.paddedInputs())),
                new FloatArray(Math.multiplyExact(capacity, stretches * 2)), stretches);
        graph.constants(factors, offsets, sizes);
        graph.task(TaskPackage.createPackage(task, PlacedRows::place, x.values(), placed.values, placed.sums, factors,
                offsets, shape, sizes, weight.inputs(), weight.groupSize(), paddedGroup, rows,
                rows == 1 ? TURNS_OF_ONE_ROW : TURNS_OF_A_BLOCK), stretches, x.capacity());
        return placed;
    }

    /** Kernels for units sum up whole ones where they can, and else runs. */
    private static int stretchOfUnits(int runsPerGroup) {
        return runsPerGroup % 2 == 0 ? TileCode.UNIT : TileCode.RUN;
    }

    private static void place(FloatArray x, FloatArray placed, FloatArray sums, FloatArray factors, FloatArray offsets,
            IntArray shape, IntArray sizes, int inputs, int groupSize, int paddedGroup, int rows, int turns) {
        for (@Parallel int s = 0; s < sizes.get(0); s++) {
            for (@Parallel int b = 0; b < shape.get(0); b++) {
                int firstColumn = s * sizes.get(1);
                float offset0 = 0.0f;
                float offset1 = 0.0f;
                float offset2 = 0.0f;
                float offset3 = 0.0f;
                float total0 = 0.0f;
                float total1 = 0.0f;
                float total2 = 0.0f;
                float total3 = 0.0f;
                for (int i = 0; i < sizes.get(1); i += COLUMNS) {
                    int column = firstColumn + i;
                    int at = (b / rows * sizes.get(2) + column) * rows + b % rows;
                    int inUnit = column % TileCode.UNIT;
                    float x0 = value(x, b, column, inputs, groupSize, paddedGroup);
                    float x1 = value(x, b, column + 1, inputs, groupSize, paddedGroup);
                    float x2 = value(x, b, column + 2, inputs, groupSize, paddedGroup);
                    float x3 = value(x, b, column + 3, inputs, groupSize, paddedGroup);
                    placed.set(at, x0 * factors.get(inUnit));
                    placed.set(at + rows, x1 * factors.get(inUnit + 1));
                    placed.set(at + 2 * rows, x2 * factors.get(inUnit + 2));
                    placed.set(at + 3 * rows, x3 * factors.get(inUnit + 3));
                    offset0 = offset0 + x0 * offsets.get(inUnit);
                    offset1 = offset1 + x1 * offsets.get(inUnit + 1);
                    total0 = total0 + x0;
                    total1 = total1 + x1;
                    if (turns == TURNS_OF_ONE_ROW) {
                        offset2 = offset2 + x2 * offsets.get(inUnit + 2);
                        offset3 = offset3 + x3 * offsets.get(inUnit + 3);
                        total2 = total2 + x2;
                        total3 = total3 + x3;
                    } else {
                        offset0 = offset0 + x2 * offsets.get(inUnit + 2);
                        offset1 = offset1 + x3 * offsets.get(inUnit + 3);
                        total0 = total0 + x2;
                        total1 = total1 + x3;
                    }
                }
                int sum = (b * sizes.get(0) + s) * 2;
                sums.set(sum, (offset0 + offset1) + (offset2 + offset3));
                sums.set(sum + 1, (total0 + total1) + (total2 + total3));
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
