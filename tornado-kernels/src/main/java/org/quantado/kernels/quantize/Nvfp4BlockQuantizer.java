package org.quantado.kernels.quantize;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@link Nvfp4Quantizer} with a global scale for each block of a weight, such as that of each expert.
 *
 * @param globalScales {@code [E]}
 */
public record Nvfp4BlockQuantizer(FloatArray globalScales) implements Quantizer {
    /** @throws IllegalArgumentException always: which block a row meets must be said */
    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        throw new IllegalArgumentException("rows are quantized for the blocks of a weight that they meet");
    }

    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, IntArray blocks, int rowsPerBlock) {
        return Nvfp4Quantizer.addTo(graph, stage, x, false, globalScales, blocks, rowsPerBlock);
    }
}
