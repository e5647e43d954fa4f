package org.quantado.schemes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.select.Selection;
import org.quantado.schemes.verify.Verification;

/** Checkpoints that people had trouble with: those of linear layers do what is expected of them. */
@Tag("golden")
class ReportsGoldenTest {
    private static final String QUANTIZE = "quantize:";
    private static final String EXPERTS = ".experts.";

    @TempDir
    private Path out;

    @TestFactory
    Stream<DynamicTest> reports() {
        return Golden.tests("reports",
                path -> path.getParent().endsWith("reports") && Files.isDirectory(path) && !hasExperts(path),
                this::check);
    }

    /** Blocks of experts are another module's matter. */
    private static boolean hasExperts(Path folder) {
        try (Model model = Model.open(folder)) {
            return model.checkpoint().names().stream().anyMatch(name -> name.contains(EXPERTS));
        }
    }

    private void check(Path folder) throws IOException {
        String must = Golden.json(folder.resolve("expected.json")).path("must").asText();
        switch (must) {
            case "accept" -> inspect(folder);
            case "reject" -> assertThatThrownBy(() -> inspect(folder)).message().contains(folder.toString(), "found",
                    "expected").doesNotContain("\n");
            case "run" -> run(folder);
            default -> {
                assertThat(must).startsWith(QUANTIZE);
                Path quantized = out.resolve(folder.getFileName());
                CheckpointQuantizer.quantize(folder, quantized,
                        QuantizationRequest.of(Preset.named(must.substring(QUANTIZE.length()))),
                        QuantizationProgress.NONE);
                inspect(quantized);
                load(quantized);
            }
        }
    }

    private static void inspect(Path folder) {
        try (Model model = Model.open(folder)) {
            model.layers().forEach(ModelLayer::check);
        }
    }

    private static void run(Path folder) {
        inspect(folder);
        try (Verification verification = Verification.open(folder, Activations.CONFIG, Optional.empty())) {
            for (int layer = 0; layer < verification.layers().size(); layer++) {
                assertThat(verification.run(layer).worstError()).isLessThanOrEqualTo(1);
            }
        }
    }

    private static void load(Path folder) {
        try (Model model = Model.open(folder)) {
            model.layers().stream().filter(layer -> !(layer.selection() instanceof Selection.Unquantized))
                    .map(layer -> layer.load(Activations.CONFIG)).forEach(QuantizedLinear::close);
        }
    }
}
