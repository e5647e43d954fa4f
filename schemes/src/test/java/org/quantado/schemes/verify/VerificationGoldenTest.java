package org.quantado.schemes.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.Activations;

/** Every scheme against what the peer's own code computed, for every folder with inputs and results. */
@Tag("device")
@Tag("golden")
class VerificationGoldenTest {
    @TestFactory
    Stream<DynamicTest> layersAreWithinToleranceAsTheConfigSays() {
        return Golden.tests("layer with a reference", VerificationGoldenTest::hasReferences,
                folder -> verify(folder, Activations.CONFIG));
    }

    @TestFactory
    Stream<DynamicTest> layersAreWithinToleranceWithActivationsOff() {
        return Golden.tests("layer with a reference", VerificationGoldenTest::hasReferences,
                folder -> verify(folder, Activations.OFF));
    }

    private static boolean hasReferences(Path path) {
        boolean hasLayers = path.toString().contains("/linear/") || path.toString().contains("/golden/checkpoint/")
                || (path.toString().contains("/golden/dialects/") && !path.toString().contains("/mxfp4/"));
        return hasLayers && Files.exists(path.resolve(References.FILE_NAME));
    }

    private static void verify(Path folder, Activations activations) {
        try (Verification verification = open(folder, activations)) {
            for (int layer = 0; layer < verification.layers().size(); layer++) {
                LayerResult result = verification.run(layer);
                assertThat(result.worstError()).as("%s, fraction of the tolerance", result).isLessThanOrEqualTo(1);
            }
        }
    }

    private static Verification open(Path folder, Activations activations) {
        try {
            return Verification.open(folder, activations, Optional.empty());
        } catch (CheckpointException e) {
            if (e.getMessage().contains("none that tells")) {
                return abort(e.getMessage());
            }
            throw e;
        }
    }
}
