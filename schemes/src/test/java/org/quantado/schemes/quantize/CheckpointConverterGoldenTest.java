package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.Selection;
import org.quantado.schemes.verify.Verification;

/** What is converted is the same weight, and gives the same results; what has no form is refused, and nothing is left. */
@Tag("golden")
class CheckpointConverterGoldenTest {
    /** Cases that compressed-tensors has no form for. */
    private static final Set<String> WITHOUT_FORM = Set.of("fp4_double", "nf4", "nf4_double",
            "nf4_double_partial_block",
            "nvfp4_fused_qkv_unequal");

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> checkpointsOfAllDialects() {
        return Golden.tests("checkpoints in other dialects", CheckpointConverterGoldenTest::isCase, this::convert);
    }

    private static boolean isCase(Path path) {
        return path.toString().contains("/golden/dialects/") && !Golden.isBad(path)
                && !path.toString().contains("/mxfp4/") && Files.exists(path.resolve("expected.safetensors"));
    }

    private void convert(Path in) throws IOException {
        Path out = folder.resolve(in.getParent().getFileName() + "-" + in.getFileName());
        if (WITHOUT_FORM.contains(in.getFileName().toString())) {
            assertThatThrownBy(() -> CheckpointConverter.convert(in, out, QuantizationProgress.NONE))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining("would");
            assertThat(out).doesNotExist();
            assertThat(PartialOutput.folderOf(out)).doesNotExist();
            return;
        }
        ConversionResult result = CheckpointConverter.convert(in, out, QuantizationProgress.NONE);
        boolean exact = result.warnings().stream().noneMatch(warning -> warning.contains("one step of float32"));
        try (Model before = Model.open(in); Model after = Model.open(out)) {
            assertThat(after.config().quantMethod()).contains("compressed-tensors");
            List<ModelLayer> layers = before.layers();
            assertThat(after.layers()).extracting(ModelLayer::name)
                    .containsExactlyElementsOf(layers.stream().map(ModelLayer::name).toList());
            for (ModelLayer layer : layers) {
                after.layer(layer.name()).check();
                assertThat(after.layer(layer.name()).selection().getClass()).isEqualTo(layer.selection().getClass());
                if (layer.selection() instanceof Selection.Selected && exact) {
                    assertSameWeight(layer, after.layer(layer.name()));
                }
            }
        }
        Files.copy(in.resolve("expected.safetensors"), out.resolve("expected.safetensors"));
        try (Verification verification = Verification.open(out, Activations.CONFIG, Optional.empty())) {
            for (int layer = 0; layer < verification.layers().size(); layer++) {
                assertThat(verification.run(layer).worstError()).isLessThanOrEqualTo(1);
            }
        }
    }

    private static void assertSameWeight(ModelLayer before, ModelLayer after) {
        try (QuantizedLinear one = before.load(Activations.OFF); QuantizedLinear other = after.load(Activations.OFF)) {
            for (int n = 0; n < one.spec().outputSizePerPartition(); n++) {
                assertThat(other.weight().row(n)).isEqualTo(one.weight().row(n));
            }
        }
    }

    @Test
    void whatNeedsNoConversionIsRefused() throws IOException {
        Path in = SyntheticCheckpoint.llama(Files.createDirectory(folder.resolve("in")), DType.BF16, 1);
        assertThatThrownBy(() -> CheckpointConverter.convert(in, folder.resolve("out"), QuantizationProgress.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(
                        "found no quantization_config, expected a quantized checkpoint of another dialect");
        assertThat(folder.resolve("out")).doesNotExist();
    }
}
