package org.quantado.kernels.quantize;

import java.util.OptionalInt;

import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * FP8: E4M3 codes with dynamic float scales, {@code amax / 448} of a token or of a group of it.
 *
 * <p>Source: vLLM, {@code QuantFP8}: a token is multiplied by {@code 1 / scale}, a group divided by its scale. Its
 * {@code ref_dynamic_per_token_quant}, the reference of experts' inputs, divides tokens too.
 *
 * @param groupSize neighbours that share a scale, the last ones perhaps fewer; empty for one scale per token
 * @param divides whether x is divided by the scale, or multiplied by its inverse
 */
public record Fp8Quantizer(OptionalInt groupSize, boolean divides) implements Quantizer {
    /** Least scale of a token: no code of a smaller one would be worth more than half a code at scale 1 / 448. */
    private static final float MIN_TOKEN_SCALE = 1.0f / (E4M3.MAX_VALUE * 512.0f);
    /** Least scale of a group, of an amax of 1e-10. */
    private static final float MIN_GROUP_SCALE = 1e-10f / E4M3.MAX_VALUE;

    /** The scale of a token, or of a whole tensor, of this largest magnitude. */
    public static float scaleOf(float amax) {
        return Math.max(amax / E4M3.MAX_VALUE, MIN_TOKEN_SCALE);
    }

    public static Fp8Quantizer perToken() {
        return new Fp8Quantizer(OptionalInt.empty(), false);
    }

    public static Fp8Quantizer perGroup(int groupSize) {
        return new Fp8Quantizer(OptionalInt.of(groupSize), true);
    }

    /** The same scales, by which x is divided. */
    public Fp8Quantizer dividing() {
        return new Fp8Quantizer(groupSize, true);
    }

    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        int size = groupSize.orElse(x.width());
        int groups = Math.ceilDiv(x.width(), size);
        IntArray groupCount = IntArray.fromElements(groups);
        FloatArray factors = new FloatArray(x.capacity() * groups);
        FloatArray scales = new FloatArray(x.capacity() * groups);
        boolean token = groupSize.isEmpty();
        graph.constants(groupCount);
        graph.task(
                TaskPackage.createPackage(stage + "Scales", GroupScales::dividedAbsMax, x.values(), x.shape(),
                        groupCount, factors, scales, x.width(), size, E4M3.MAX_VALUE,
                        token ? MIN_TOKEN_SCALE : MIN_GROUP_SCALE),
                groups,
                x.capacity());
        return new GroupCodes(size, new IntArray(1), divides ? scales : factors, scales,
                divides ? GroupCodes.Scaling.DIVIDE : GroupCodes.Scaling.MULTIPLY)
                .addFloats(graph, stage, x, FloatFormat.e4m3Saturating(), keepCodes);
    }
}
