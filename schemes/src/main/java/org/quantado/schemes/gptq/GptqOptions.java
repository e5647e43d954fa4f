package org.quantado.schemes.gptq;

import java.io.Serializable;
import java.util.Optional;
import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.config.QuantizationArgs;

/**
 * llm-compressor's options of GPTQ. The order of columns is a weight's own: {@link QuantizationArgs#actorder}, which
 * {@link #ordered} fills in.
 *
 * @param blockSize columns that are rounded before their errors move all others; changes the last bits only
 * @param dampening what is added to the Hessian's diagonal, as a share of its mean
 */
public record GptqOptions(int blockSize, double dampening) implements Serializable {
    /** llm-compressor's defaults. */
    public static final GptqOptions DEFAULT = new GptqOptions(128, 0.01);

    /** The order of columns that llm-compressor takes where none is said. */
    public static final Optional<ActivationOrdering> DEFAULT_ORDER = Optional.of(ActivationOrdering.WEIGHT);

    /** @throws IllegalArgumentException if an option is out of range */
    public GptqOptions {
        if (blockSize < 1) {
            throw new IllegalArgumentException("GPTQ's block size: found " + blockSize + ", expected at least 1");
        }
        if (!(dampening >= 0 && dampening < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("GPTQ's dampening: found " + dampening + ", expected at least 0");
        }
    }

    /**
     * A weight's config with an order of columns, where it has none. Groups that follow the order need groups; for others
     * llm-compressor, too, falls back to none.
     */
    public static QuantizationArgs ordered(QuantizationArgs weights, Optional<ActivationOrdering> order) {
        boolean fits = !order.equals(Optional.of(ActivationOrdering.GROUP)) || weights.strategy().hasGroups();
        return weights.actorder().isPresent() || !fits ? weights : weights.withActorder(order);
    }
}
