package org.quantado.schemes.gptq;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.schemes.quantize.BlockOfColumn;
import org.quantado.schemes.quantize.BlockScales;
import org.quantado.schemes.quantize.Blocking;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.Grid;
import org.quantado.schemes.quantize.WeightRounding;
import org.quantado.schemes.quantize.WeightRows;

/**
 * In which order columns are rounded, and with which scales.
 * <p>
 * Without an order, and with that of weights, groups are columns that follow each other, and scales are those of the type
 * of the weight. With the order of groups, groups are columns that follow each other in it; llm-compressor finds their
 * scales in binary32, works with these, and rounds them when they are stored.
 *
 * @param columns those of the weight, in the order in which they are rounded {@code [K]}
 * @param blocks which weight belongs to which block
 * @param scales of the blocks, by which the weight is rounded
 * @param grid what a code and a scale stand for while the weight is rounded
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record RoundingOrder(int[] columns, BlockOfColumn blocks, BlockScales scales, Grid grid) {
    static RoundingOrder of(FloatWeight weight, WeightRounding rounding, Hessian hessian) {
        int[] columns = columns(rounding, hessian);
        Blocking blocking = rounding.blocking(weight.rows(), weight.columns());
        BlockOfColumn inOrder = BlockOfColumn.inOrder(blocking);
        if (!rounding.scheme().hasGroupIndex()) {
            return new RoundingOrder(columns, inOrder, rounding.scales(weight, weight.columns(), rounding.grid()),
                    rounding.grid());
        }
        int[] places = new int[columns.length];
        for (int place = 0; place < places.length; place++) {
            places[columns[place]] = place;
        }
        Grid exact = rounding.exactGrid();
        return new RoundingOrder(columns, inOrder.withGroups(column -> inOrder.tile(places[column])),
                rounding.scales(new Reordered(weight, columns), weight.columns(), exact), exact);
    }

    /** With an order, the columns with the largest inputs first; those with equal ones as they follow each other. */
    static int[] columns(WeightRounding rounding, Hessian hessian) {
        if (rounding.scheme().weights().actorder().isEmpty()) {
            return IntStream.range(0, hessian.columns()).toArray();
        }
        return IntStream.range(0, hessian.columns()).boxed()
                .sorted(Comparator.comparing((Integer column) -> hessian.get(column, column)).reversed())
                .mapToInt(Integer::intValue).toArray();
    }

    /** The scales as they are stored. */
    BlockScales stored(Grid storedGrid) {
        BlockScales stored = new BlockScales(scales.size());
        for (int block = 0; block < stored.size(); block++) {
            stored.set(block, storedGrid.stored(scales.scale(block)), scales.zeroPoint(block));
        }
        return stored;
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Reordered(FloatWeight weight, int[] columns) implements WeightRows {
        @Override
        public int count() {
            return weight.rows();
        }

        @Override
        public float[] read(int row) {
            float[] values = new float[columns.length];
            for (int place = 0; place < values.length; place++) {
                values[place] = weight.get(row, columns[place]);
            }
            return values;
        }

        @Override
        public RuntimeException error(String found, String expected) {
            return weight.error(found, expected);
        }
    }
}
