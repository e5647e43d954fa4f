package org.quantado.moe;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSchemes;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.select.SchemeName;
import org.quantado.schemes.select.Selection.Selected;

/** The methods of compressed-tensors, each from what was selected for the experts' matrices. */
public final class MoeMethods {
    /** Group size that stands for one scale per channel. */
    public static final int CHANNEL = -1;

    private static final int W4 = 4;

    private MoeMethods() {
    }

    /**
     * The method that runs experts as selected.
     *
     * @param paramsDtype the model's type, in which some activations are quantized
     * @throws SchemeException if there is none
     */
    public static MoeMethod of(Selected selected, ModelDtype paramsDtype) {
        if (selected.scheme() == SchemeName.W4A8_INT) {
            requireW4A8(selected.weights(), selected.input().orElseThrow());
            return w4a8(LinearSchemes.of(selected, paramsDtype), selected.weights().groupSize().orElse(CHANNEL));
        }
        return MoeMethod.of(peerClass(selected.scheme()), LinearSchemes.of(selected, paramsDtype));
    }

    /**
     * 4-bit integer weights and 8-bit inputs per token, quantized as vLLM's operator does it: with a zero point, whatever
     * the config says.
     *
     * @param groupSize inputs that share a scale, or {@value #CHANNEL}
     * @param packed whether the weights are two to a byte: {@code weight_packed} U8, the value plus 8, the even input in
     *     the low nibble; else {@code weight} I8
     */
    public static MoeMethod w4a8Int8(int groupSize, boolean packed) {
        return w4a8(LinearSchemes.w4a8Int(groupSize, packed), groupSize);
    }

    /**
     * Checks what W4A8's configuration must be.
     *
     * @throws SchemeException with the peer's message
     */
    static void requireW4A8(QuantizationArgs weights, QuantizationArgs input) {
        if (input.strategy() != QuantizationStrategy.TOKEN || input.dynamic() == DynamicType.STATIC) {
            throw new SchemeException("W4A8-int MoE needs dynamic per-token activation quantization.");
        }
        if (weights.numBits() != W4) {
            throw new SchemeException("This method only supports 4-bit weights (num_bits=4).");
        }
    }

    private static MoeMethod w4a8(LinearScheme scheme, int groupSize) {
        boolean perChannel = groupSize == CHANNEL;
        return MoeMethod.of(peerClass(SchemeName.W4A8_INT), scheme).withSizes(spec -> {
            boolean fits = perChannel
                    || (spec.hidden() % groupSize == 0 && spec.intermediatePerPartition() % groupSize == 0);
            if (!fits) {
                throw new SchemeException("Group size (" + groupSize + ") must evenly divide both hidden size ("
                        + spec.hidden() + ") and intermediate size per partition (" + spec.intermediatePerPartition()
                        + ").");
            }
        }).withWeightedInput(perChannel ? MoeMethod.WeightedInput.BF16_OR_F32 : MoeMethod.WeightedInput.F32);
    }

    private static String peerClass(SchemeName scheme) {
        return "CompressedTensors" + switch (scheme) {
            case W4A4_NVFP4 -> "W4A4Nvfp4";
            case W4A4_MXFP4 -> "W4A4Mxfp4";
            case W8A8_MXFP8 -> "W8A8Mxfp8";
            case W4A8_FP8 -> "W4A8Fp8";
            case WNA16 -> "WNA16";
            case W8A8_FP8, W8A16_FP8 -> "W8A8Fp8";
            case W8A8_INT8 -> "W8A8Int8";
            case W4A8_INT, WNA8_INT -> "W4A8Int8";
            case WNA8O8_INT, WNA4_INT, EMBEDDING_WNA16_INT -> throw new SchemeException(
                    "Unsupported FusedMoe scheme: " + scheme.peerClass());
        } + "MoEMethod";
    }
}
