package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.CheckpointLayer;
import org.quantado.schemes.select.FusedModules;
import org.quantado.schemes.select.Selection.Selected;

/** The tensors of a model as compressed-tensors writes them. */
final class ConvertedTensors {
    private static final String WEIGHT_FACTOR = "weight_scale_2";
    private static final String INPUT_FACTOR = "input_scale";
    private static final Map<String, String> DIVISORS = Map.of(WEIGHT_FACTOR, "weight_global_scale", INPUT_FACTOR,
            "input_global_scale");

    private final Model model;
    private final Map<String, Selected> quantized = new LinkedHashMap<>();
    private int inexact;

    /** @throws org.quantado.schemes.checkpoint.CheckpointException if layers that run as one would run otherwise */
    ConvertedTensors(Model model) {
        this.model = model;
        for (ModelLayer layer : model.layers()) {
            if (layer.selection() instanceof Selected selected) {
                quantized.put(layer.name(), selected);
            }
        }
        quantized.forEach((name, selected) -> {
            if (hasFactors(selected)) {
                requireOneFactor(name, WEIGHT_FACTOR);
                requireOneFactor(name, INPUT_FACTOR);
            }
        });
    }

    private static boolean hasFactors(Selected selected) {
        return selected.format().equals(Optional.of(CompressionFormat.NVFP4_WITH_FACTORS));
    }

    /** Of layers that run as one, ModelOpt's largest factor counts, and compressed-tensors' largest divisor. */
    private void requireOneFactor(String layer, String part) {
        List<Tensor> factors = FusedModules.COMMON.partsBeside(layer).stream()
                .flatMap(other -> model.checkpoint().find(other + "." + part).stream()).toList();
        factors.stream().filter(factor -> factor.floatAt(0) != factors.getFirst().floatAt(0)).findFirst()
                .ifPresent(other -> {
                    throw other.error(other.floatAt(0) + ", and " + factors.getFirst().floatAt(0) + " in "
                            + factors.getFirst().name(),
                            "one factor for layers that run as one: which of several counts"
                                    + " for all of them would be lost in compressed-tensors, where it is another one");
                });
    }

    /** The layers that are quantized. */
    Stream<String> layers() {
        return quantized.keySet().stream();
    }

    /** What is written of a tensor, if anything. */
    Optional<Tensor> of(Tensor tensor) {
        String part = CheckpointLayer.lastPart(tensor.name());
        String layer = tensor.name().substring(0, Math.max(0, tensor.name().length() - part.length() - 1));
        return Optional.ofNullable(quantized.get(layer)).map(selected -> of(tensor, layer, part, selected))
                .orElse(Optional.of(tensor));
    }

    private Optional<Tensor> of(Tensor tensor, String layer, String part, Selected selected) {
        boolean unused = switch (part) {
            case "weight_g_idx" -> !selected.weights().actorder().equals(Optional.of(ActivationOrdering.GROUP));
            case "weight_zero_point" -> selected.weights().symmetric();
            default -> false;
        };
        if (unused) {
            return Optional.empty();
        }
        Tensor scalar = tensor.shape().rank() == 0 ? tensor.shaped(1) : tensor;
        return Optional.of(hasFactors(selected) && DIVISORS.containsKey(part)
                ? divisor(scalar).named(layer + "." + DIVISORS.get(part))
                : scalar);
    }

    private Tensor divisor(Tensor factor) {
        float value = factor.floatAt(0);
        float rounded = 1 / value;
        boolean isOfWeight = factor.name().endsWith(WEIGHT_FACTOR);
        float exact = Stream.of(rounded, Math.nextUp(rounded), Math.nextDown(rounded))
                .filter(divisor -> 1 / divisor == value).findFirst().orElse(Float.NaN);
        if (isOfWeight && Float.isNaN(exact)) {
            inexact++;
        }
        float divisor = isOfWeight && !Float.isNaN(exact) ? exact : rounded;
        return factor.derived(DType.F32, Shape.of(1), () -> MemorySegment.ofArray(
                ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(divisor).array()));
    }

    /** How many scales are one step of their type beside those of the input, for no divisor has their value. */
    int inexact() {
        return inexact;
    }
}
