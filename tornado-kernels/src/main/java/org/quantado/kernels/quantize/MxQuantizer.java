package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.E8M0;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Microscaling formats: groups of values share an E8M0 scale.
 *
 * <p>Source: OCP Microscaling Formats (MX) specification 1.0; how the scale is rounded is the rule's matter.
 *
 * @param format of the elements
 * @param rule from a group's largest magnitude to its scale
 * @param groupSize neighbours that share a scale, the last ones perhaps fewer
 */
public record MxQuantizer(FloatFormat format, E8M0Rule rule, int groupSize) implements Quantizer {
    /** Elements that share a scale in every MX format. */
    public static final int GROUP_SIZE = 32;

    /** MXFP8 with E4M3 elements. */
    public static MxQuantizer mxfp8(E8M0Rule rule) {
        return new MxQuantizer(FloatFormat.e4m3(), rule, GROUP_SIZE);
    }

    /** MXFP4. */
    public static MxQuantizer mxfp4(E8M0Rule rule) {
        return new MxQuantizer(FloatFormat.e2m1(), rule, GROUP_SIZE);
    }

    /**
     * E4M3 with scales that are powers of two, of groups of any size: {@code 2^ceil(log2(amax / 448))}.
     *
     * <p>Source: DeepSeek-V3, {@code act_quant} with {@code scale_fmt} ue8m0.
     */
    public static MxQuantizer fp8(int groupSize) {
        return new MxQuantizer(FloatFormat.e4m3(), E8M0Rule.CEIL_448, groupSize);
    }

    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        int groups = Math.ceilDiv(x.width(), groupSize);
        IntArray groupCount = IntArray.fromElements(groups);
        IntArray scaleCodes = new IntArray(x.capacity() * groups);
        FloatArray scales = new FloatArray(x.capacity() * groups);
        FloatArray thresholds = rule.thresholds();
        FloatArray powers = E8M0.table();
        graph.constants(thresholds, powers, groupCount);
        graph.task(
                TaskPackage.createPackage(stage + "Scales", GroupScales::e8m0, x.values(), thresholds, powers,
                        x.shape(), groupCount, scaleCodes, scales, x.width(), groupSize, rule.underflowCode()),
                groups, x.capacity());
        return new GroupCodes(groupSize, scaleCodes, scales, scales, GroupCodes.Scaling.DIVIDE)
                .addFloats(graph, stage, x, format, keepCodes);
    }
}
