package org.quantado.schemes.quantize;

import org.quantado.kernels.codec.ModelDtype;

/**
 * To which values a weight is rounded, by whichever method.
 *
 * @param scheme codes, scales and their blocks
 * @param dtype type of the weight
 * @param amax largest magnitude of the weight and of those it runs as one layer with; used where
 * {@link WeightScheme#hasGlobalScale}
 * @param observer how ranges are chosen
 */
public record WeightRounding(WeightScheme scheme, ModelDtype dtype, float amax, Observer observer) {
    /** The values of the grid, with operations in the weight's type. */
    public Grid grid() {
        return scheme.grid(dtype, amax);
    }

    /** The same values, with all operations in binary32. */
    public Grid exactGrid() {
        return scheme.grid(ModelDtype.F32, amax);
    }

    /** Which weights of {@code [N, K]} share a scale. */
    public Blocking blocking(int rows, int columns) {
        return scheme.blocking(rows, columns);
    }

    /**
     * The scales of all blocks.
     *
     * @param weight {@code [N, K]}
     * @throws RuntimeException that the weight makes, if its values are not finite or too large
     */
    public BlockScales scales(WeightRows weight, int columns) {
        return scales(weight, columns, grid());
    }

    /** As {@link #scales(WeightRows, int)}, with operations as a grid has them. */
    public BlockScales scales(WeightRows weight, int columns, Grid grid) {
        Blocking blocking = blocking(weight.count(), columns);
        BlockScales scales = new ScaleSearch(weight, grid, blocking, observer).run();
        for (int block = 0; block < scales.size(); block++) {
            if (!Float.isFinite(scales.scale(block))) {
                throw weight.error("weights that are too large for a scale, from row "
                        + blocking.firstRow(block / blocking.bandTiles()) + " on", "weights that can be scaled");
            }
        }
        return scales;
    }

    /**
     * The weight rounded to nearest. It stays where it is; its codes are made when they are asked for.
     *
     * @param weight {@code [N, K]}
     * @throws RuntimeException that the weight makes, if its values are not finite or too large
     */
    public RoundedWeight toNearest(WeightRows weight, int columns) {
        Grid grid = grid();
        BlockOfColumn blocks = BlockOfColumn.inOrder(blocking(weight.count(), columns));
        BlockScales scales = scales(weight, columns);
        return new RoundedWeight(this, scales, blocks, row -> {
            float[] values = weight.read(row);
            byte[] codes = new byte[values.length];
            for (int k = 0; k < codes.length; k++) {
                int block = blocks.block(row, k);
                codes[k] = (byte) grid.encode(values[k], scales.scale(block), scales.zeroPoint(block));
            }
            return codes;
        });
    }
}
