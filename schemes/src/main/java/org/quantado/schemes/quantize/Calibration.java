package org.quantado.schemes.quantize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.reference.IntQuantization;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
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
final class Calibration implements AutoCloseable {
    private final SafetensorsFile file;

    private Calibration(SafetensorsFile file) {
        this.file = file;
    }

    static Calibration open(Path file) {
        return new Calibration(SafetensorsFile.open(file));
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
     * The bytes of those tensors for one layer.
     *
     * @throws CheckpointException if the layer was not recorded, or what was recorded cannot be its activations
     */
    Map<String, MemorySegment> quantize(PlannedLayer layer, Arena arena) {
        Map<String, MemorySegment> tensors = new LinkedHashMap<>();
        for (Activation activation : Activation.values()) {
            activation.calibrated(layer.group()).ifPresent(args -> {
                float[] range = range(layer, activation);
                if (args.strategy() == QuantizationStrategy.TENSOR_GROUP) {
                    MemorySegment scale = arena.allocate(Float.BYTES);
                    scale.set(LittleEndian.FLOAT, 0,
                            Grid.Nvfp4.globalScale(Math.max(Math.abs(range[0]), Math.abs(range[1]))));
                    tensors.put(activation.globalScaleName(), scale);
                } else {
                    Grid grid = args.type() == QuantizationType.INT
                            ? new Grid.Int(
                                    new IntQuantization(args.numBits(), args.symmetric(), layer.dtype()))
                            : new Grid.Fp8(layer.dtype());
                    ScaleStore store = ScaleStore.of(layer.dtype());
                    MemorySegment scale = arena.allocate(store.dtype().byteSize(1));
                    store.write(grid.scale(range[0], range[1]), scale, 0);
                    tensors.put(activation.scaleName(), scale);
                    if (!args.symmetric()) {
                        MemorySegment zeroPoint = arena.allocate(1);
                        zeroPoint.set(ValueLayout.JAVA_BYTE, 0, (byte) grid.zeroPoint(range[0], range[1]));
                        tensors.put(activation.zeroPointName(), zeroPoint);
                    }
                }
            });
        }
        return tensors;
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

    @Override
    public void close() {
        file.close();
    }
}
