package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.moe.verify.MoeVerification;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.model.Model;

/** Blocks of checkpoints that people had trouble with give the numbers of their models' own code. */
@Tag("device")
@Tag("golden")
class ReportsGoldenTest {
    @TestFactory
    Stream<DynamicTest> blocksRun() {
        return Golden.reports().stream()
                .map(report -> dynamicTest(report.getFileName().toString(), () -> check(report)));
    }

    private static void check(Path report) {
        try (Model model = Model.open(report)) {
            assertThat(MoeLayers.of(model)).extracting(MoeLayer::name).containsExactly(Golden.module(report));
            MoeLayers.of(model).forEach(MoeLayer::check);
        }
        Activations activations = Activations.valueOf(JsonFile.readObject(report.resolve("expected.json"))
                .get("activations").textValue().toUpperCase(Locale.ROOT));
        try (MoeVerification verification = MoeVerification.open(report, activations, Optional.empty())) {
            assertThat(verification.run().worstError()).isLessThanOrEqualTo(1);
        }
    }
}
