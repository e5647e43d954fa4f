package org.quantado.kernels.quantize;

import java.util.OptionalInt;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Integers with dynamic scales {@code amax / ((2^bits - 1) / 2)} of a token or of a group of it; x is divided by them, codes
 * are {@code -2^(bits-1)} to {@code 2^(bits-1) - 1}, and ties go to even.
 *
 * <p>Source: compressed-tensors, {@code calculate_qparams} and {@code fake_quantize}, which is how a checkpoint's maker sees
 * its activations quantized. vLLM gives 4-bit integers to the kernels of Humming, whose releases differ in the rule, and
 * has no reference for them.
 *
 * @param bits of a code, 2 to 8
 * @param groupSize neighbours that share a scale; empty for one scale per token
 * @param dtype the type that every step is rounded to
 */
public record IntQuantizer(int bits, OptionalInt groupSize, ModelDtype dtype) implements Quantizer {
    /** @throws IllegalArgumentException if there are no codes of so many bits */
    public IntQuantizer {
        if (bits < 2 || bits > Byte.SIZE) {
            throw new IllegalArgumentException("integers of " + bits + " bits: expected 2 to 8");
        }
    }

    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        int size = groupSize.orElse(x.width());
        int groups = GroupScales.groups(x.width(), size);
        FloatArray scales = new FloatArray(x.capacity() * groups);
        IntArray zeroPoints = new IntArray(x.capacity() * groups);
        FloatArray rounding = dtype.roundingTable();
        graph.constants(zeroPoints, rounding);
        graph.task(
                TaskPackage.createPackage(stage + "Scales", GroupScales::roundedAbsMax, x.values(), rounding, x.shape(),
                        scales, x.width(), size, ((1 << bits) - 1) / 2.0f, dtype.epsilon(),
                        dtype == ModelDtype.F32 ? 0 : 1),
                groups, x.capacity());
        return new GroupCodes(size, zeroPoints, scales, scales, GroupCodes.Scaling.DIVIDE).addIntegers(graph, stage, x,
                bits, GroupCodes.Ties.TO_EVEN, dtype, keepCodes);
    }
}
