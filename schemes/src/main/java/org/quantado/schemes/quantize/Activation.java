package org.quantado.schemes.quantize;

import java.util.Optional;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.QuantizationArgs;

/** What of a layer is quantized besides its weight. */
public enum Activation {
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

    /** How layers of a group have it quantized, if a scale is found beforehand. */
    public Optional<QuantizationArgs> calibrated(ConfigGroup group) {
        return (this == INPUT ? group.inputActivations() : group.outputActivations())
                .filter(args -> args.dynamic() != DynamicType.DYNAMIC);
    }

    /** Its name in a sentence, and how the names of its tensors begin. */
    String prefix() {
        return prefix;
    }

    /** Last part of the name of a tensor that was recorded of it. */
    String recorded() {
        return recorded;
    }

    String scaleName() {
        return prefix + "_scale";
    }

    String zeroPointName() {
        return prefix + "_zero_point";
    }

    String globalScaleName() {
        return prefix + "_global_scale";
    }

    /** How many values a token has of it. */
    long size(PlannedLayer layer) {
        return this == INPUT ? layer.columns() : layer.rows();
    }
}
