package org.quantado.schemes.linear;

import java.util.ArrayList;
import java.util.List;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.config.CompressionFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How NVFP4's scales of whole tensors are stored, one for each partition of a fused layer. The largest number that is stored
 * stands for all partitions.
 *
 * <p>Source: vLLM, {@code CompressedTensorsW4A4Fp4} and {@code ModelOptNvFp4LinearMethod},
 * {@code process_weights_after_loading}.
 */
enum GlobalScale {
    /** What is quantized was multiplied by it: compressed-tensors. */
    DIVISOR("weight_global_scale", "input_global_scale") {
        @Override
        float weightFactor(LoadedParameters parameters) {
            return 1.0f / largest(parameters, ofWeight().name());
        }

        @Override
        float inputDivisor(LoadedParameters parameters) {
            return largest(parameters, ofInput().name());
        }
    },
    /** What is quantized was divided by it: ModelOpt. */
    FACTOR("weight_scale_2", "input_scale") {
        @Override
        float weightFactor(LoadedParameters parameters) {
            return largest(parameters, ofWeight().name());
        }

        @Override
        float inputDivisor(LoadedParameters parameters) {
            return 1.0f / largest(parameters, ofInput().name());
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(GlobalScale.class);

    private final String weightName;
    private final String inputName;

    GlobalScale(String weightName, String inputName) {
        this.weightName = weightName;
        this.inputName = inputName;
    }

    static GlobalScale of(CompressionFormat format) {
        return format == CompressionFormat.NVFP4_WITH_FACTORS ? FACTOR : DIVISOR;
    }

    ParameterSpec ofWeight() {
        return ParameterSpec.required(weightName, List.of(DType.F32), Axis.fixed(1), Axis.fixed(1));
    }

    /** Needed only where activations are quantized. */
    ParameterSpec ofInput() {
        return ParameterSpec.optional(inputName, List.of(DType.F32), Axis.fixed(1), Axis.fixed(1));
    }

    /**
     * What block scales of the weight are multiplied by.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a scale is not a positive number
     */
    abstract float weightFactor(LoadedParameters parameters);

    /**
     * What inputs are multiplied by before they are quantized.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if there is no scale, or it is not a positive number
     */
    abstract float inputDivisor(LoadedParameters parameters);

    private static float largest(LoadedParameters parameters, String name) {
        List<String> shown = new ArrayList<>();
        float largest = 0;
        boolean equal = true;
        for (int part = 0; part < parameters.spec().partitions().size(); part++) {
            TensorSlice slice = parameters.get(name, part);
            float scale = slice.tensor().floatAt(0);
            if (!(scale > 0 && scale < Float.POSITIVE_INFINITY)) {
                throw slice.tensor().error(String.valueOf(scale), "a positive, finite scale");
            }
            equal &= part == 0 || scale == largest;
            largest = Math.max(largest, scale);
            shown.add(parameters.spec().partitions().get(part).module() + " " + scale);
        }
        if (!equal) {
            LOG.warn("{} of {} differs between its shards ({}): the largest is used for all, which costs accuracy",
                    name, parameters.spec().layerName(), String.join(", ", shown));
        }
        return largest;
    }
}
