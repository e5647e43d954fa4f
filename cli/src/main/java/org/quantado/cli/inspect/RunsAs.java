package org.quantado.cli.inspect;

import java.util.Optional;

import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.select.Selection.Selected;

/**
 * What runs of a layer, spelled as presets are: {@code NVFP4A16}, {@code W4A8}, {@code FP8}. A scheme's own name tells of
 * less: vLLM's class for NVFP4 weights is the same whether inputs are quantized or not.
 */
final class RunsAs {
    private static final String UNQUANTIZED_INPUT = "A16";

    private RunsAs() {
    }

    static String of(Selected selected) {
        String weights = weights(selected);
        if (selected.weights().type() == QuantizationType.FLOAT) {
            return weights + (selected.input().isPresent() ? "" : UNQUANTIZED_INPUT);
        }
        return weights + selected.input().map(input -> bits("A", input)).orElse(UNQUANTIZED_INPUT)
                + selected.output().map(output -> bits("O", output)).orElse("");
    }

    private static String weights(Selected selected) {
        return switch (selected.scheme()) {
            case W4A4_NVFP4 -> "NVFP4";
            case W4A4_MXFP4 -> "MXFP4";
            case W8A8_MXFP8 -> "MXFP8";
            default -> switch (selected.weights().type()) {
                case FLOAT -> "FP" + selected.weights().numBits();
                case INT -> bits("W", selected.weights());
                case NF4, FP4 -> selected.weights().type().name();
            };
        };
    }

    private static String bits(String what, QuantizationArgs args) {
        return what + Optional.of(args.type()).filter(QuantizationType.FLOAT::equals).map(type -> "FP").orElse("")
                + args.numBits();
    }
}
