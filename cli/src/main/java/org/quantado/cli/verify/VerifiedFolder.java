package org.quantado.cli.verify;

import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The layers of a folder that were run.
 *
 * @param path the folder
 * @param layers those that could be run
 * @param error what is wrong with the folder, if anything
 */
record VerifiedFolder(String path, List<VerifiedLayer> layers, String error) {
    @JsonProperty
    boolean passed() {
        return error == null && layers.stream().allMatch(VerifiedLayer::passed);
    }

    /** What the user must know, in a line. */
    Optional<String> complaint() {
        if (error != null) {
            return Optional.of(error);
        }
        return layers.stream().filter(layer -> !layer.passed()).findFirst()
                .map(layer -> path + ": layer '" + layer.layer() + "': found an error of "
                        + (layer.worstError() == null ? "NaN or infinity" : layer.worstError())
                        + " times the tolerance, expected at most 1");
    }
}
