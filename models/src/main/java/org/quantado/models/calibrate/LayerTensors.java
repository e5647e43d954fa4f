package org.quantado.models.calibrate;

import java.lang.foreign.Arena;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.quantize.CalibrationWork;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.quantize.WeightRows;
import org.quantado.schemes.smooth.Channels;

/** The float tensors of a decoder layer that is being quantized: the input's, and those that smoothing has changed. */
final class LayerTensors {
    private final CalibrationWork work;
    private final Map<String, Tensor> changed = new LinkedHashMap<>();
    private final Map<String, float[]> multiplied = new HashMap<>();
    private final Map<String, float[]> divided = new HashMap<>();

    LayerTensors(CalibrationWork work) {
        this.work = work;
    }

    /** The same, to be changed in another way. */
    LayerTensors copy() {
        LayerTensors copy = new LayerTensors(work);
        copy.changed.putAll(changed);
        return copy;
    }

    /** A tensor as it is now. */
    Tensor tensor(String name) {
        Tensor other = changed.get(name);
        return other != null ? other : work.tensor(name, Arena.ofAuto());
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

    /** Multiplies the columns of a weight. */
    void multiply(FloatWeight weight, float[] scales) {
        change(PlannedLayer.weightOf(weight.name()), Channels.multiplied(weight, scales).values());
        multiplied.put(weight.name(), scales);
    }

    /** Divides the last rows of a weight. */
    void divide(FloatWeight weight, float[] scales) {
        change(PlannedLayer.weightOf(weight.name()), Channels.divided(weight, scales).values());
        divided.put(weight.name(), scales);
    }

    /** The weight of a linear layer as it is in the input. */
    FloatWeight original(String module) {
        return new LayerTensors(work).weight(module);
    }

    /** What an element of the input's weight was multiplied by. */
    float factor(String module, int row, int rows, int column) {
        float[] columns = multiplied.get(module);
        float[] scaledRows = divided.get(module);
        float factor = columns == null ? 1 : columns[column];
        int scaledRow = scaledRows == null ? -1 : row - rows + scaledRows.length;
        return scaledRow < 0 ? factor : factor / scaledRows[scaledRow];
    }

    /** All that was changed, by name. */
    Map<String, Tensor> changed() {
        return Collections.unmodifiableMap(changed);
    }

    /** The input with what was changed. */
    Checkpoint checkpoint() {
        return work.with(changed.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, tensor -> List.of(tensor.getValue()))));
    }
}
