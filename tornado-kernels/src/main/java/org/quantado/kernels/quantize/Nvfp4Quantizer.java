package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * NVFP4: E2M1 codes, groups of 16 that share an E4M3 scale, and one global scale for the tensor.
 *
 * @param globalScale the calibrated divisor: {@code 448 * 6 / amax} of the whole tensor
 */
public record Nvfp4Quantizer(float globalScale) implements Quantizer {
    /** Elements that share an E4M3 scale. */
    public static final int GROUP_SIZE = 16;

    /** The divisor for a tensor of this largest magnitude: {@code 448 * 6 / amax}, 1 for a tensor of zeros. */
    public static float globalScaleOf(float amax) {
        return amax > 0 ? E4M3.MAX_VALUE * E2M1.MAX_VALUE / amax : 1.0f;
    }

    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        IntArray only = new IntArray(1);
        graph.constants(only);
        return addTo(graph, stage, x, keepCodes, FloatArray.fromElements(globalScale), only, Integer.MAX_VALUE);
    }

    /**
     * As {@link #addTo(LayerGraph, String, Rows, boolean)}, with one of several global scales.
     *
     * @param blocks for each block of rows the number of its scale, on the device
     */
    static Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes, FloatArray globalScales,
            IntArray blocks, int rowsPerBlock) {
        int groups = GroupScales.groups(x.width(), GROUP_SIZE);
        IntArray scaleCodes = new IntArray(x.capacity() * groups);
        FloatArray factors = new FloatArray(x.capacity() * groups);
        FloatArray scales = new FloatArray(x.capacity() * groups);
        FloatArray table = E4M3.table();
        FloatArray thresholds = E4M3.thresholds(E4M3.Overflow.SATURATE);
        graph.constants(table, thresholds, globalScales);
        graph.task(
                TaskPackage.createPackage(stage + "Scales", GroupScales::e4m3, x.values(), table, thresholds, x.shape(),
                        scaleCodes, factors, scales, globalScales, blocks, x.width(), GROUP_SIZE,
                        rowsPerBlock),
                groups,
                x.capacity());
        return new GroupCodes(GROUP_SIZE, scaleCodes, factors, scales, GroupCodes.Scaling.MULTIPLY)
                .addFloats(graph, stage, x, FloatFormat.e2m1(), keepCodes);
    }
}
