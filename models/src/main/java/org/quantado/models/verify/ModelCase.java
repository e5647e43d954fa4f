package org.quantado.models.verify;

import java.util.List;
import java.util.stream.Stream;

/**
 * One prompt that a file has results for.
 *
 * @param prefix of the names of its tensors, such as {@code prompt0.}
 */
record ModelCase(String prefix) {
    static final String INPUT_IDS = "input_ids";

    /** Of which no activation lies near a boundary, where activations are quantized. */
    static final ModelCase STABLE = new ModelCase("stable.");

    private static final List<String> PREFIXES = List.of("", "short.", "prompt0.", "prompt1.", "prompt2.");

    /** Whether every right implementation must come close, even if activations are rounded. */
    boolean isStable() {
        return equals(STABLE);
    }

    /** All that a file has. */
    static List<ModelCase> of(ExpectedTensors expected) {
        return Stream.concat(PREFIXES.stream().map(ModelCase::new),
                Stream.of(STABLE).filter(stable -> expected.find(stable, "logits").isPresent()))
                .filter(some -> expected.file().find(some.prefix + INPUT_IDS).isPresent()).toList();
    }
}
