package org.quantado.models.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.models.GoldenModels;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.verify.LayerResult;

/** Logits of every position, states of every layer, greedy ids and perplexities are those that peers computed. */
@Tag("golden")
@Tag("device")
class ModelGoldenTest {
    @TestFactory
    Stream<DynamicTest> agrees() {
        return GoldenModels.all().flatMap(folder -> Stream.of(Activations.values())
                .map(activations -> dynamicTest(folder.getFileName() + ", activations " + activations,
                        () -> verify(folder, activations))));
    }

    private static void verify(Path folder, Activations activations) {
        try (ModelVerification verification = ModelVerification.open(folder, activations)) {
            List<LayerResult> results = verification.run();
            assertThat(results).isNotEmpty().allSatisfy(
                    result -> assertThat(result.worstError()).as(result.layer()).isLessThanOrEqualTo(1));
        }
    }
}
