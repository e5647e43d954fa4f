package org.quantado.schemes.quantize;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.config.ConfigGroup;

/**
 * A layer that is to be quantized.
 *
 * @param name full name, such as {@code model.layers.0.mlp.down_proj}
 * @param group the config group that it belongs to
 * @param scheme how its weight is quantized and stored
 * @param dtype type of its weight
 * @param rows outputs
 * @param columns inputs
 * @param together names of the layers whose weights share its global scale, itself among them
 */
public record PlannedLayer(String name, ConfigGroup group, WeightScheme scheme, ModelDtype dtype, int rows, int columns,
        List<String> together) {
    private static final String WEIGHT_SUFFIX = ".weight";

    public PlannedLayer {
        together = List.copyOf(together);
    }

    /** Full name of the weight of a layer. */
    public static String weightOf(String layer) {
        return layer + WEIGHT_SUFFIX;
    }

    /** Full name of its weight. */
    public String weight() {
        return weightOf(name);
    }

    /** All tensors that it will have in place of its weight, by their full names. */
    public Map<String, WeightScheme.Stored> tensors() {
        Map<String, WeightScheme.Stored> tensors = new LinkedHashMap<>();
        scheme.tensors(dtype, rows, columns).forEach((part, stored) -> tensors.put(tensor(part), stored));
        ActivationScales.tensors(group, dtype).forEach((part, stored) -> tensors.put(tensor(part), stored));
        return tensors;
    }

    /** Full name of a tensor of it. */
    public String tensor(String lastPart) {
        return name + "." + lastPart;
    }
}
