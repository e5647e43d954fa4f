package org.quantado.examples.quantize;

import java.io.IOException;
import java.nio.file.Path;

import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.quantize.QuantizationResult;

/** Quantizes all linear layers of a checkpoint but the last, and says what it saved. */
public final class Quantize {
    private Quantize() {
    }

    /** @param arguments folder of a model, one that is written, and a preset's name */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException(
                    "expected IN OUT PRESET, of " + String.join(", ", Preset.names()));
        }
        QuantizationResult result = CheckpointQuantizer.quantize(Path.of(arguments[0]), Path.of(arguments[1]),
                QuantizationRequest.of(Preset.named(arguments[2])), QuantizationProgress.NONE);
        result.warnings().forEach(System.err::println);
        System.out.println(result.layers().size() + " layers, " + result.inputBytes() + " bytes before, "
                + result.outputBytes() + " after");
    }
}
