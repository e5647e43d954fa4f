package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.reference.IntQuantization;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.config.QuantizationType;

/** Static scales of activations: which tensors hold them, and how they follow from a range of values. */
public final class ActivationScales {
    private ActivationScales() {
    }

    /** Whether layers of a group have scales of activations that are found beforehand. */
    public static boolean areNeededFor(ConfigGroup group) {
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
                throw new QuantizeException(group.name() + " has " + activation.prefix() + " activations of " + args
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
     * The bytes of a layer's tensors for one of its activations, by the last part of their names.
     *
     * @param min smallest value, of the layer's type
     * @param max largest value, of the layer's type
     */
    public static Map<String, MemorySegment> of(PlannedLayer layer, Activation activation, float min, float max) {
        QuantizationArgs args = activation.calibrated(layer.group()).orElseThrow();
        if (args.strategy() == QuantizationStrategy.TENSOR_GROUP) {
            MemorySegment scale = MemorySegment.ofArray(new byte[Float.BYTES]);
            scale.set(LittleEndian.FLOAT, 0, Grid.Nvfp4.globalScale(Math.max(Math.abs(min), Math.abs(max))));
            return Map.of(activation.globalScaleName(), scale);
        }
        Grid grid = grid(args, layer.dtype());
        MemorySegment scale = stored(grid.scale(min, max), layer.dtype());
        if (args.symmetric()) {
            return Map.of(activation.scaleName(), scale);
        }
        byte[] zeroPoint = {(byte) grid.zeroPoint(min, max)};
        return Map.of(activation.scaleName(), scale, activation.zeroPointName(), MemorySegment.ofArray(zeroPoint));
    }

    /** The values that activations of one scale can take. */
    public static Grid grid(QuantizationArgs args, ModelDtype dtype) {
        return args.type() == QuantizationType.INT
                ? new Grid.Int(new IntQuantization(args.numBits(), args.symmetric(), dtype))
                : new Grid.Fp8(dtype);
    }

    /** The bytes of the scale of keys or values that are cached as FP8. */
    public static MemorySegment ofCache(float min, float max, ModelDtype dtype) {
        return stored(new Grid.Fp8(dtype).scale(min, max), dtype);
    }

    private static MemorySegment stored(float scale, ModelDtype dtype) {
        ScaleStore store = ScaleStore.of(dtype);
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) store.dtype().byteSize(1)]);
        store.write(scale, bytes, 0);
        return bytes;
    }
}
