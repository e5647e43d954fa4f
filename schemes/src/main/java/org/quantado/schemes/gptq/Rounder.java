package org.quantado.schemes.gptq;

import org.quantado.schemes.quantize.BlockScales;
import org.quantado.schemes.quantize.Grid;
import org.quantado.schemes.quantize.RoundedWeight;
import org.quantado.schemes.quantize.WeightRounding;

/**
 * Rounds weights to nearest, with the scales of an order.
 * <p>
 * What is stored is found as compressed-tensors does: the rounded weight takes its type, and is rounded once more with the
 * stored scale. With 8 bits in bfloat16 this changes codes, which the peer's checkpoints show.
 */
final class Rounder implements ColumnLoop.Step {
    private final WeightRounding rounding;
    private final RoundingOrder order;
    private final Grid encoding;
    private final Grid storedGrid;
    private final BlockScales storedScales;
    private final byte[][] codes;

    Rounder(WeightRounding rounding, RoundingOrder order, int rows) {
        this.rounding = rounding;
        this.order = order;
        encoding = rounding.exactGrid();
        storedGrid = rounding.grid();
        storedScales = order.stored(storedGrid);
        codes = new byte[rows][order.columns().length];
    }

    @Override
    public float round(int row, int column, float target) {
        int block = order.blocks().block(row, column);
        float scale = order.scales().scale(block);
        int zeroPoint = order.scales().zeroPoint(block);
        float rounded = order.grid().dequantize(encoding.encode(target, scale, zeroPoint), scale, zeroPoint);
        codes[row][column] = (byte) storedGrid.encode(rounding.dtype().round(rounded), storedScales.scale(block),
                zeroPoint);
        return rounded;
    }

    RoundedWeight rounded() {
        return new RoundedWeight(rounding, storedScales, order.blocks(), row -> codes[row]);
    }
}
