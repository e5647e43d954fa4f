package org.quantado.models.calibrate;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.PlannedInput;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.quantize.ScaleSearch;
import org.quantado.schemes.quantize.WeightRows;
import org.quantado.schemes.smooth.BalancedLayer;
import org.quantado.schemes.smooth.Channels;

/** The float tensors of a decoder layer that is being quantized: the input's, and those that smoothing has changed. */
final class LayerTensors {
    private final PlannedInput input;
    private final Map<String, Tensor> changed = new LinkedHashMap<>();
    private final Map<String, float[]> multiplied = new HashMap<>();
    private final Map<String, float[]> divided = new HashMap<>();

    LayerTensors(PlannedInput input) {
        this.input = input;
    }

    /** The same, to be changed in another way. */
    LayerTensors copy() {
        LayerTensors copy = new LayerTensors(input);
        copy.changed.putAll(changed);
        return copy;
    }

    /** A tensor as it is now. */
    Tensor tensor(String name) {
        Tensor other = changed.get(name);
        return other != null ? other : input.tensor(name, Arena.ofAuto());
    }

    /** The weight of a linear layer as it is now. */
    FloatWeight weight(String module) {
        Tensor tensor = tensor(PlannedLayer.weightOf(module));
        return FloatWeight.of(module, WeightRows.of(tensor), Math.toIntExact(tensor.shape().dimension(1)),
                ModelDtype.valueOf(tensor.dtype().name()));
    }

    /** Changes a tensor. */
    void change(String name, float[] values) {
        changed.put(name, tensor(name).withValues(values).named(name));
    }

    /**
     * Scales channels.
     *
     * @param normOffset what is added to the weights of norms
     */
    void smooth(Smoothing smoothing, float[] scales, float normOffset) {
        readers(smoothing).forEach(weight -> multiply(weight, scales));
        if (smoothing.isNorm()) {
            divideNorm(PlannedLayer.weightOf(smoothing.before()), scales, normOffset);
        } else {
            divide(weight(smoothing.before()), scales);
            divideBias(smoothing.before() + ".bias", scales);
        }
    }

    /** The weights that read the channels of a smoothing. */
    List<FloatWeight> readers(Smoothing smoothing) {
        return smoothing.point().modules().stream().map(this::weight).toList();
    }

    /** The same, with what becomes of them. */
    List<BalancedLayer> balanced(Smoothing smoothing) {
        return readers(smoothing).stream().map(weight -> {
            Optional<PlannedLayer> layer = Optional.ofNullable(input.layers().get(weight.name()));
            return new BalancedLayer(weight, layer.map(PlannedLayer::scheme),
                    layer.map(PlannedLayer::together).orElse(List.of(weight.name())));
        }).toList();
    }

    private void divideNorm(String name, float[] scales, float offset) {
        float[] values = tensor(name).toFloats();
        for (int k = 0; k < values.length; k++) {
            values[k] = (values[k] + offset) / scales[k] - offset;
        }
        change(name, values);
    }

    /** The channels are the last of those that a fused layer makes. */
    private void divideBias(String name, float[] scales) {
        if (input.has(name)) {
            Tensor tensor = tensor(name);
            float[] values = tensor.toFloats();
            int first = values.length - scales.length;
            float[] divided = Channels.divided(Arrays.copyOfRange(values, first, values.length), scales,
                    ModelDtype.valueOf(tensor.dtype().name()));
            System.arraycopy(divided, 0, values, first, divided.length);
            change(name, values);
        }
    }

    /** Multiplies the columns of a weight. */
    private void multiply(FloatWeight weight, float[] scales) {
        change(PlannedLayer.weightOf(weight.name()), Channels.multiplied(weight, scales).values());
        multiplied.put(weight.name(), scales);
    }

    /** Divides the last rows of a weight. */
    private void divide(FloatWeight weight, float[] scales) {
        change(PlannedLayer.weightOf(weight.name()), Channels.divided(weight, scales).values());
        divided.put(weight.name(), scales);
    }

    /** The layer's tensors as they are in the input. */
    LayerTensors original() {
        return new LayerTensors(input);
    }

    /** What an element of the input's weight was multiplied by. */
    float factor(String module, int row, int rows, int column) {
        float[] columns = multiplied.get(module);
        float[] scaledRows = divided.get(module);
        float factor = columns == null ? 1 : columns[column];
        int scaledRow = scaledRows == null ? -1 : row - rows + scaledRows.length;
        return scaledRow < 0 ? factor : factor / scaledRows[scaledRow];
    }

    /** The largest magnitude of all weights that share a layer's global scale; of no use to other schemes. */
    float amax(PlannedLayer layer) {
        float amax = 0;
        if (layer.scheme().hasGlobalScale()) {
            for (String name : layer.together()) {
                amax = Math.max(amax, ScaleSearch.amax(WeightRows.of(tensor(PlannedLayer.weightOf(name)))));
            }
        }
        return amax;
    }

    /** All that was changed, by name. */
    Map<String, Tensor> changed() {
        return Collections.unmodifiableMap(changed);
    }

    /** The input with what was changed. */
    Checkpoint checkpoint() {
        return input.with(changed.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, tensor -> List.of(tensor.getValue()))));
    }
}
