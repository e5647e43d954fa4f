package org.quantado.schemes.linear;

import java.util.Optional;

/** The calibrated scale of a layer's input or output. */
enum StaticScale {
    INPUT("input_scale"), OUTPUT("output_scale");

    private final String tensorName;

    StaticScale(String tensorName) {
        this.tensorName = tensorName;
    }

    ParameterSpec parameter() {
        return ParameterSpec.required(tensorName, ParameterSpec.FLOATS, Axis.fixed(1), Axis.fixed(1));
    }

    /**
     * The scale; empty where it is 0, which says that it was never calibrated.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if it is negative or not finite, or if the partitions
     *     of a fused layer have different ones
     */
    Optional<Float> calibrated(LoadedParameters parameters) {
        TensorSlice first = parameters.get(tensorName, 0);
        float scale = first.tensor().floatAt(0);
        if (!(scale >= 0 && scale < Float.POSITIVE_INFINITY)) {
            throw first.tensor().error(String.valueOf(scale),
                    "a scale that is positive, or 0 where it was never calibrated");
        }
        for (int part = 1; part < parameters.spec().partitions().size(); part++) {
            TensorSlice other = parameters.get(tensorName, part);
            if (other.tensor().floatAt(0) != scale) {
                throw other.tensor().error(String.valueOf(other.tensor().floatAt(0)),
                        scale + " as in the first partition of the fused layer; run its parts as layers of their own");
            }
        }
        return scale == 0 ? Optional.empty() : Optional.of(scale);
    }
}
