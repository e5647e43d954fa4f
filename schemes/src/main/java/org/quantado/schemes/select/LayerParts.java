package org.quantado.schemes.select;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationArgs;

/**
 * What a scheme is chosen by.
 *
 * @param weights how the weight is quantized
 * @param input how the input is quantized, if at all
 * @param output how the output is quantized, if at all
 * @param format layout of the weight: the group's, else the config's
 * @param capability compute capability of the CUDA device, if there is one
 * @param decisions whose decisions are followed
 */
record LayerParts(QuantizationArgs weights, Optional<QuantizationArgs> input,
        Optional<QuantizationArgs> output,
        Optional<CompressionFormat> format, OptionalInt capability, Decisions decisions) {

    static LayerParts of(ConfigGroup group, QuantizationArgs weights,
            Optional<CompressionFormat> configFormat,
            OptionalInt capability, Decisions decisions) {
        return new LayerParts(weights, group.inputActivations(), group.outputActivations(),
                group.format().or(() -> configFormat), capability, decisions);
    }

    /** Whether the input is quantized, and so. */
    boolean input(Predicate<QuantizationArgs> condition) {
        return input.filter(condition).isPresent();
    }

    /** Whether the output is quantized, and so. */
    boolean output(Predicate<QuantizationArgs> condition) {
        return output.filter(condition).isPresent();
    }
}
