package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.reference.IntQuantization;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.config.QuantizationType;

/**
 * Static scales of activations, found from inputs and outputs of layers that were recorded while a model ran: from the
 * smallest to the largest value, as compressed-tensors' {@code static_minmax}.
 */
final class Calibration {
    private final SafetensorsFile file;

    private Calibration(SafetensorsFile file) {
        this.file = file;
    }

    /** What of a layer is quantized besides its weight. */
    private enum Activation {
        /** What it is given. */
        INPUT("input", "x"),
        /** What it gives. */
        OUTPUT("output", "y");

        private final String prefix;
        private final String recorded;

        Activation(String prefix, String recorded) {
            this.prefix = prefix;
            this.recorded = recorded;
        }

        /** How it is quantized, if a scale is found beforehand. */
        Optional<QuantizationArgs> calibrated(ConfigGroup group) {
            return (this == INPUT ? group.inputActivations() : group.outputActivations())
                    .filter(args -> args.dynamic() != DynamicType.DYNAMIC);
        }

        private String scaleName() {
            return prefix + "_scale";
        }

        private String zeroPointName() {
            return prefix + "_zero_point";
        }

        private String globalScaleName() {
            return prefix + "_global_scale";
        }

        private long size(PlannedLayer layer) {
            return this == INPUT ? layer.columns() : layer.rows();
        }
    }

    /** Whether layers of a group have scales of activations that are found beforehand. */
    static boolean isNeededFor(ConfigGroup group) {
        return Activation.INPUT.calibrated(group).isPresent()
                || Activation.OUTPUT.calibrated(group).isPresent();
    }

    /**
     * Checks that the scales of a group's activations can be found.
     *
     * @throws QuantizeException if not
     */
    static void requireSupported(ConfigGroup group) {
        for (Activation activation : Activation.values()) {
            activation.calibrated(group).filter(args -> !isSupported(args)).ifPresent(args -> {
                throw new QuantizeException(group.name() + " has " + activation.prefix + " activations of " + args
                        + ": static scales are found for whole tensors of integers or FP8, and global scales of NVFP4");
            });
        }
    }

    private static boolean isSupported(QuantizationArgs args) {
        boolean integer = args.type() == QuantizationType.INT;
        return args.strategy() == QuantizationStrategy.TENSOR
                ? integer
                        ? args.numBits() >= 2 && args.numBits() <= Byte.SIZE
                        : args.numBits() == Byte.SIZE && args.symmetric()
                : args.dynamic() == DynamicType.LOCAL && !integer && args.symmetric();
    }

    /** The tensors that layers of a group have for their activations, by the last part of their names. */
    static Map<String, WeightScheme.Stored> tensors(ConfigGroup group, ModelDtype dtype) {
        Map<String, WeightScheme.Stored> tensors = new LinkedHashMap<>();
        Shape one = Shape.of(1);
        for (Activation activation : Activation.values()) {
            activation.calibrated(group).ifPresent(args -> {
                if (args.strategy() == QuantizationStrategy.TENSOR_GROUP) {
                    tensors.put(activation.globalScaleName(), new WeightScheme.Stored(DType.F32, one));
                } else {
                    tensors.put(activation.scaleName(),
                            new WeightScheme.Stored(ScaleStore.of(dtype).dtype(), one));
                }
                if (!args.symmetric()) {
                    tensors.put(activation.zeroPointName(), new WeightScheme.Stored(DType.I8, one));
                }
            });
        }
        return tensors;
    }

    /**
     * The bytes of those tensors, by their full names.
     *
     * @param path a safetensors file of what was recorded
     * @param layers those whose groups have such tensors
     * @throws CheckpointException if a layer was not recorded, or what was recorded cannot be its activations
     */
    static Map<String, MemorySegment> scales(Path path, List<PlannedLayer> layers) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Calibration calibration = new Calibration(file);
            Map<String, MemorySegment> tensors = new LinkedHashMap<>();
            for (PlannedLayer layer : layers) {
                for (Activation activation : Activation.values()) {
                    activation.calibrated(layer.group()).ifPresent(
                            args -> calibration.scale(layer, activation, args).forEach(
                                    (part, bytes) -> tensors.put(layer.tensor(part), bytes)));
                }
            }
            return tensors;
        }
    }

    private Map<String, MemorySegment> scale(PlannedLayer layer, Activation activation, QuantizationArgs args) {
        float[] range = range(layer, activation);
        if (args.strategy() == QuantizationStrategy.TENSOR_GROUP) {
            MemorySegment scale = MemorySegment.ofArray(new byte[Float.BYTES]);
            scale.set(LittleEndian.FLOAT, 0,
                    Grid.Nvfp4.globalScale(Math.max(Math.abs(range[0]), Math.abs(range[1]))));
            return Map.of(activation.globalScaleName(), scale);
        }
        Grid grid = args.type() == QuantizationType.INT
                ? new Grid.Int(new IntQuantization(args.numBits(), args.symmetric(), layer.dtype()))
                : new Grid.Fp8(layer.dtype());
        ScaleStore store = ScaleStore.of(layer.dtype());
        MemorySegment scale = MemorySegment.ofArray(new byte[(int) store.dtype().byteSize(1)]);
        store.write(grid.scale(range[0], range[1]), scale, 0);
        if (args.symmetric()) {
            return Map.of(activation.scaleName(), scale);
        }
        byte[] zeroPoint = {(byte) grid.zeroPoint(range[0], range[1])};
        return Map.of(activation.scaleName(), scale, activation.zeroPointName(), MemorySegment.ofArray(zeroPoint));
    }

    /** The smallest and the largest value that was recorded, rounded to the layer's type. */
    private float[] range(PlannedLayer layer, Activation activation) {
        Tensor recorded = file.tensor(layer.tensor(activation.recorded)).requireDType(DType.BF16, DType.F16,
                DType.F32);
        Shape shape = recorded.shape();
        long size = activation.size(layer);
        if (shape.rank() == 0 || shape.dimension(shape.rank() - 1) != size || shape.elements() == 0) {
            throw recorded.error("shape " + shape, "[..., " + size + "], the " + activation.prefix
                    + "s of a layer of [" + layer.rows() + ", " + layer.columns() + "]");
        }
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (long index = 0; index < recorded.elements(); index++) {
            float value = recorded.floatAt(index);
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        if (!Float.isFinite(min) || !Float.isFinite(max)) {
            throw recorded.error("values that are not finite", "finite activations");
        }
        return new float[]{layer.dtype().round(min), layer.dtype().round(max)};
    }
}
