package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;

/**
 * Inputs and outputs of layers that were recorded while a model ran. Static scales go from their smallest to their largest
 * value, as those of compressed-tensors' {@code static_minmax}.
 */
final class RecordedActivations {
    private final SafetensorsFile file;

    private RecordedActivations(SafetensorsFile file) {
        this.file = file;
    }

    /**
     * The bytes of the tensors of static scales, by their full names.
     *
     * @param path a safetensors file of what was recorded
     * @param layers those whose groups have such tensors
     * @throws CheckpointException if a layer was not recorded, or what was recorded cannot be its activations
     */
    static Map<String, MemorySegment> scales(Path path, List<PlannedLayer> layers) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            RecordedActivations recorded = new RecordedActivations(file);
            Map<String, MemorySegment> tensors = new LinkedHashMap<>();
            for (PlannedLayer layer : layers) {
                for (Activation activation : Activation.values()) {
                    if (activation.calibrated(layer.group()).isPresent()) {
                        float[] range = recorded.range(layer, activation);
                        ActivationScales.of(layer, activation, range[0], range[1])
                                .forEach((part, bytes) -> tensors.put(layer.tensor(part), bytes));
                    }
                }
            }
            return tensors;
        }
    }

    /** The smallest and the largest value that was recorded, rounded to the layer's type. */
    private float[] range(PlannedLayer layer, Activation activation) {
        Tensor recorded = file.tensor(layer.tensor(activation.recorded())).requireDType(DType.BF16, DType.F16,
                DType.F32);
        Shape shape = recorded.shape();
        long size = activation.size(layer);
        if (shape.rank() == 0 || shape.dimension(shape.rank() - 1) != size || shape.elements() == 0) {
            throw recorded.error("shape " + shape, "[..., " + size + "], the " + activation.prefix()
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
