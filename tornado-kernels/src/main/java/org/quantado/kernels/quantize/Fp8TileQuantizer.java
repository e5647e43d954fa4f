package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * FP8 weights in tiles that share a scale, {@code amax / 448}; tiles at the edges may be smaller.
 *
 * @param tileRows rows of a tile; what is quantized begins with a whole tile
 * @param tileColumns columns of a tile
 */
public record Fp8TileQuantizer(int tileRows, int tileColumns) implements Quantizer {
    /** Least scale, of an amax of 1e-10. */
    private static final float MIN_SCALE = 1e-10f / E4M3.MAX_VALUE;

    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        int groups = Math.ceilDiv(x.width(), tileColumns);
        int tilesOfRows = Math.ceilDiv(x.capacity(), tileRows);
        IntArray tiles = IntArray.fromElements(groups, tilesOfRows);
        FloatArray scales = new FloatArray(x.capacity() * groups);
        graph.constants(tiles);
        graph.task(TaskPackage.createPackage(stage + "Scales", GroupScales::tileAbsMax, x.values(), x.shape(), tiles,
                scales, x.width(), tileColumns, tileRows, E4M3.MAX_VALUE, MIN_SCALE), groups, tilesOfRows);
        return new GroupCodes(tileColumns, new IntArray(1), scales, scales, GroupCodes.Scaling.DIVIDE)
                .addFloats(graph, stage, x, FloatFormat.e4m3Saturating(), keepCodes);
    }
}
