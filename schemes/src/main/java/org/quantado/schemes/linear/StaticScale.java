package org.quantado.schemes.linear;

import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calibrated scale of a layer's input or output. */
enum StaticScale {
    INPUT("input"), OUTPUT("output");

    private static final Logger LOG = LoggerFactory.getLogger(StaticScale.class);

    private final String of;

    StaticScale(String of) {
        this.of = of;
    }

    /** Needed only where activations are quantized. */
    ParameterSpec parameter() {
        return ParameterSpec.optional(tensorName(), ParameterSpec.FLOATS, Axis.fixed(1), Axis.fixed(1));
    }

    /** Name of the zero point beside it. */
    String zeroPoint() {
        return of + "_zero_point";
    }

    private String tensorName() {
        return of + "_scale";
    }

    /**
     * The scale; empty where it is 0, which says that it was never calibrated. Of the scales of a fused layer's
     * partitions the largest is taken, so that no input is cut off.
     *
     * <p>Source: vLLM, {@code CompressedTensorsW8A8Fp8} and {@code CompressedTensorsW8A8Int8},
     * {@code process_weights_after_loading}.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if there is none, or it is negative or not finite
     */
    Optional<Float> calibrated(LoadedParameters parameters) {
        float largest = 0;
        boolean equal = true;
        for (int part = 0; part < parameters.spec().partitions().size(); part++) {
            float scale = of(parameters, part);
            equal &= part == 0 || scale == largest;
            largest = Math.max(largest, scale);
        }
        if (!equal) {
            warnOfDifferences(parameters);
        }
        return largest == 0 ? Optional.empty() : Optional.of(largest);
    }

    /** The scale of one partition. */
    float of(LoadedParameters parameters, int part) {
        TensorSlice slice = parameters.get(tensorName(), part);
        float scale = slice.tensor().floatAt(0);
        if (!(scale >= 0 && scale < Float.POSITIVE_INFINITY)) {
            throw slice.tensor().error(String.valueOf(scale),
                    "a scale that is positive, or 0 where it was never calibrated");
        }
        return scale;
    }

    void warnOfDifferences(LoadedParameters parameters) {
        LOG.warn("{} of {} differs between its shards ({}): one for all of them is used, which costs accuracy",
                tensorName(), parameters.spec().layerName(), parameters.spec().partitions().stream()
                        .map(partition -> partition.module() + " "
                                + of(parameters, parameters.spec().partitions().indexOf(partition)))
                        .toList());
    }
}
