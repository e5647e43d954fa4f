package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.E8M0;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Microscaling formats: groups of 32 values share an E8M0 scale.
 *
 * <p>Source: OCP Microscaling Formats (MX) specification 1.0; how the scale is rounded is the rule's matter.
 *
 * @param format of the elements
 * @param rule from a group's largest magnitude to its scale
 */
public record MxQuantizer(FloatFormat format, E8M0Rule rule) implements Quantizer {
    /** Elements that share a scale in every MX format. */
    public static final int GROUP_SIZE = 32;

    /** MXFP8 with E4M3 elements. */
    public static MxQuantizer mxfp8(E8M0Rule rule) {
        return new MxQuantizer(FloatFormat.e4m3(), rule);
    }

    /** MXFP4. */
    public static MxQuantizer mxfp4(E8M0Rule rule) {
        return new MxQuantizer(FloatFormat.e2m1(), rule);
    }

    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        int groups = GroupScales.groups(x.width(), GROUP_SIZE);
        IntArray scaleCodes = new IntArray(x.capacity() * groups);
        FloatArray scales = new FloatArray(x.capacity() * groups);
        FloatArray thresholds = rule.thresholds();
        FloatArray powers = E8M0.table();
        graph.constants(thresholds, powers);
        graph.task(
                TaskPackage.createPackage(stage + "Scales", GroupScales::e8m0, x.values(), thresholds, powers,
                        x.shape(), scaleCodes, scales, x.width(), GROUP_SIZE, rule.underflowCode()),
                groups, x.capacity());
        return new GroupCodes(GROUP_SIZE, scaleCodes, scales, scales, GroupCodes.Scaling.DIVIDE)
                .addFloats(graph, stage, x, format, keepCodes);
    }
}
