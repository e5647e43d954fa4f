package org.quantado.schemes.quantize;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.TorchDType;

/**
 * The scales of keys and values that are cached as FP8: {@code k_scale} and {@code v_scale} of each attention module, of
 * the model's type. They are written beside the first tensor of the module.
 */
final class CacheScales {
    static final Shape SHAPE = Shape.of(1);

    /** What a config says of them. */
    static final QuantizationArgs SCHEME = new QuantizationArgs(Byte.SIZE, QuantizationType.FLOAT, true,
            OptionalInt.empty(), QuantizationStrategy.TENSOR, Optional.empty(), DynamicType.STATIC, Optional.empty(),
            Optional.empty(), TorchDType.FLOAT8_E4M3FN, Optional.of("static_minmax"), Map.of());

    private final List<String> attentions;

    /** @param attentions names of modules */
    CacheScales(List<String> attentions) {
        this.attentions = new ArrayList<>(attentions);
    }

    /** The scales to be written beside a tensor, once for each module. */
    List<String> beside(String tensor) {
        Optional<String> attention = attentions.stream().filter(module -> tensor.startsWith(module + ".")).findFirst();
        attention.ifPresent(attentions::remove);
        return attention.map(module -> List.of(module + ".k_scale", module + ".v_scale")).orElse(List.of());
    }
}
