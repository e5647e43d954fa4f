package org.quantado.schemes.dialect;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.BlockStructure;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.TorchDType;

/**
 * ModelOpt's values of {@code quant_algo}.
 *
 * <p>Source: Model-Optimizer, {@code QUANTIZATION_*} constants; vLLM, {@code ModelOptFp8Config} and its neighbours.
 */
@SuppressWarnings("ImmutableEnumChecker") // its records are immutable
enum ModelOptAlgorithm {
    /** One scale for the weight, a calibrated one for inputs. */
    FP8(CompressionFormat.FLOAT_QUANTIZED, 0, fp8(), Optional.of(fp8())),
    /** A scale for each output, {@code [N]}, and for each token. */
    FP8_PER_CHANNEL_PER_TOKEN(CompressionFormat.FLOAT_QUANTIZED, 0, fp8().perChannel(), Optional.of(fp8().perToken())) {
        @Override
        Tensor scale(Tensor scale) {
            return scale.shape().rank() == 1 ? scale.shaped(scale.elements(), 1) : scale;
        }
    },
    /**
     * A scale for each tile of 128 x 128, {@code [N/128, 1, K/128, 1]}. The name says that only weights are quantized; vLLM
     * quantizes inputs, too, in groups of 128, and so it is here.
     */
    FP8_PB_WO(CompressionFormat.FLOAT_QUANTIZED, ModelOptAlgorithm.TILE,
            fp8().perBlock(new BlockStructure(ModelOptAlgorithm.TILE, ModelOptAlgorithm.TILE)),
            Optional.of(fp8().perGroup(ModelOptAlgorithm.TILE).withDynamic(DynamicType.DYNAMIC))) {
        @Override
        Tensor scale(Tensor scale) {
            boolean hasOnes = scale.shape().rank() == RANK_WITH_ONES && scale.shape().dimension(1) == 1
                    && scale.shape().dimension(RANK_WITH_ONES - 1) == 1;
            return hasOnes ? scale.shaped(scale.shape().dimension(0), scale.shape().dimension(2)) : scale;
        }
    },
    /** Groups of 16 E2M1 codes with an E4M3 scale, and a factor for the tensor; inputs likewise, their factor calibrated. */
    NVFP4(CompressionFormat.NVFP4_WITH_FACTORS, ModelOptAlgorithm.NVFP4_GROUP, nvfp4(),
            Optional.of(nvfp4().withDynamic(DynamicType.LOCAL))) {
        @Override
        Tensor weight(Tensor weight) {
            return packed(weight);
        }
    },
    /** As {@link #NVFP4}, inputs left alone. */
    W4A16_NVFP4(CompressionFormat.NVFP4_WITH_FACTORS, ModelOptAlgorithm.NVFP4_GROUP, nvfp4(), Optional.empty()) {
        @Override
        Tensor weight(Tensor weight) {
            return packed(weight);
        }
    },
    /** Groups of 32 E4M3 codes with an E8M0 scale; inputs likewise. */
    MXFP8(CompressionFormat.MXFP8_QUANTIZED, ModelOptAlgorithm.MX_GROUP, mxfp8(),
            Optional.of(mxfp8().withDynamic(DynamicType.DYNAMIC)));

    private static final int TILE = 128;
    private static final int NVFP4_GROUP = 16;
    private static final int NVFP4_BITS = 4;
    private static final int MX_GROUP = 32;
    private static final int RANK_WITH_ONES = 4;
    private static final String WEIGHT = ".weight";
    private static final String SCALE = ".weight_scale";

    private final CompressionFormat format;
    private final int groupSize;
    private final QuantizationArgs weights;
    private final Optional<QuantizationArgs> input;

    /** @param groupSize that a config may name */
    ModelOptAlgorithm(CompressionFormat format, int groupSize, QuantizationArgs weights,
            Optional<QuantizationArgs> input) {
        this.format = format;
        this.groupSize = groupSize;
        this.weights = weights;
        this.input = input;
    }

    /** The one of this name, in upper or lower case. */
    static Optional<ModelOptAlgorithm> named(String name) {
        return Arrays.stream(values()).filter(algorithm -> algorithm.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst();
    }

    static String names() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    private static QuantizationArgs fp8() {
        return QuantizationArgs.perTensor(Byte.SIZE, QuantizationType.FLOAT);
    }

    private static QuantizationArgs nvfp4() {
        return QuantizationArgs.perTensor(NVFP4_BITS, QuantizationType.FLOAT).perTensorAndGroup(NVFP4_GROUP)
                .withScaleDtype(TorchDType.FLOAT8_E4M3FN);
    }

    private static QuantizationArgs mxfp8() {
        return fp8().perGroup(MX_GROUP).withScaleDtype(TorchDType.UINT8);
    }

    CompressionFormat format() {
        return format;
    }

    int groupSize() {
        return groupSize;
    }

    QuantizationArgs weights() {
        return weights;
    }

    Optional<QuantizationArgs> input() {
        return input;
    }

    /** What a tensor is called here. */
    Tensor seenAs(Tensor tensor) {
        if (tensor.name().endsWith(SCALE)) {
            return scale(tensor);
        }
        return tensor.name().endsWith(WEIGHT) ? weight(tensor) : tensor;
    }

    Tensor scale(Tensor scale) {
        return scale;
    }

    Tensor weight(Tensor weight) {
        return weight;
    }

    /** Two codes to a byte are bytes; the weights of layers that are not quantized are floats. */
    private static Tensor packed(Tensor weight) {
        return weight.dtype() == DType.U8 ? weight.named(weight.name() + "_packed") : weight;
    }
}
