package org.quantado.schemes.linear;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.quantize.Nvfp4Quantizer;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.quantize.StaticQuantizer;
import org.quantado.schemes.checkpoint.DType;

/** How a scheme quantizes the input or the output of a layer, and which parameters that takes. */
sealed interface ActivationFormat {
    /**
     * The tensors that a module has for it. None of them is needed where activations are not quantized, so a missing one
     * is missed by {@link #quantizer}.
     */
    List<ParameterSpec> parameters();

    /**
     * Checks that a layer can have its activations quantized so.
     *
     * @throws SchemeException if not
     */
    default void requireSizes(LinearSpec spec) {
    }

    /**
     * The quantizer for a layer with these parameters; empty where its calibration was never done.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a parameter is missing or cannot be right
     */
    Optional<Quantizer> quantizer(LoadedParameters parameters);

    /**
     * Scales are found at run time from the activations alone.
     *
     * @param groupSize neighbours that share a scale, where there are groups that need not divide the inputs
     */
    record Dynamic(Quantizer quantizer, OptionalInt groupSize) implements ActivationFormat {
        Dynamic(Quantizer quantizer) {
            this(quantizer, OptionalInt.empty());
        }

        @Override
        public void requireSizes(LinearSpec spec) {
            int inputs = spec.inputSizePerPartition();
            groupSize.ifPresent(size -> {
                if (inputs % size != 0) {
                    throw new SchemeException("the " + inputs + " inputs of layer '" + spec.layerName()
                            + "' are not a whole number of groups of " + size
                            + ", as its input activations are quantized");
                }
            });
        }

        @Override
        public List<ParameterSpec> parameters() {
            return List.of();
        }

        @Override
        public Optional<Quantizer> quantizer(LoadedParameters parameters) {
            return Optional.of(quantizer);
        }
    }

    /**
     * A way for which there is no kernel.
     *
     * @param reason in a sentence
     */
    record Unsupported(String reason) implements ActivationFormat {
        @Override
        public List<ParameterSpec> parameters() {
            return List.of();
        }

        /** @throws SchemeException always */
        @Override
        public Optional<Quantizer> quantizer(LoadedParameters parameters) {
            throw new SchemeException("layer '" + parameters.spec().layerName() + "': " + reason);
        }
    }

    /**
     * NVFP4: a calibrated scale for the tensor, block scales found at run time.
     *
     * @param globalScale how the tensor's scale is stored
     */
    record Nvfp4(GlobalScale globalScale) implements ActivationFormat {
        @Override
        public List<ParameterSpec> parameters() {
            return List.of(globalScale.ofInput());
        }

        @Override
        public Optional<Quantizer> quantizer(LoadedParameters parameters) {
            return Optional.of(new Nvfp4Quantizer(globalScale.inputDivisor(parameters)));
        }
    }

    /** FP8 with one calibrated scale: {@code input_scale}. */
    record StaticFp8() implements ActivationFormat {
        @Override
        public List<ParameterSpec> parameters() {
            return List.of(StaticScale.INPUT.parameter(), ZeroPoints.unused(StaticScale.INPUT.zeroPoint()));
        }

        @Override
        public Optional<Quantizer> quantizer(LoadedParameters parameters) {
            ZeroPoints.requireZeros(parameters, StaticScale.INPUT.zeroPoint());
            return StaticScale.INPUT.calibrated(parameters).map(StaticQuantizer.Fp8::new);
        }
    }

    /**
     * INT8 with one calibrated scale.
     *
     * @param scale of the input or of the output
     * @param symmetric whether there is no zero point other than 0
     * @param dtype the type that every step is rounded to
     */
    record StaticInt8(StaticScale scale, boolean symmetric, ModelDtype dtype) implements ActivationFormat {
        private static final List<DType> ZERO_POINTS = List.of(DType.I8, DType.I32);

        @Override
        public List<ParameterSpec> parameters() {
            return List.of(scale.parameter(), symmetric
                    ? ZeroPoints.unused(scale.zeroPoint())
                    : ParameterSpec.optional(scale.zeroPoint(), ZERO_POINTS, Axis.fixed(1), Axis.fixed(1)));
        }

        @Override
        public Optional<Quantizer> quantizer(LoadedParameters parameters) {
            if (!symmetric) {
                return StaticRange.of(parameters, scale).quantizer(dtype);
            }
            ZeroPoints.requireZeros(parameters, scale.zeroPoint());
            return scale.calibrated(parameters).map(value -> new StaticQuantizer.Int8(dtype.round(value), 0, dtype));
        }
    }
}
