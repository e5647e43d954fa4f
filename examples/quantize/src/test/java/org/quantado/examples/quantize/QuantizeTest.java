package org.quantado.examples.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.models.TextModel;
import org.quantado.models.generate.Sampling;

class QuantizeTest {
    private static final Path TALES = Path.of(System.getProperty("quantado.root"),
            "cli/src/main/resources/org/quantado/cli/demo/tales-2m");

    @Test
    void whatItWritesIsSmallerAndRuns(@TempDir Path folder) throws IOException {
        Path out = folder.resolve("out");
        Quantize.main(new String[]{TALES.toString(), out.toString(), "MXFP8"});
        assertThat(out.resolve("model.safetensors").toFile().length())
                .isLessThan(TALES.resolve("model.safetensors").toFile().length());
        try (TextModel model = TextModel.open(out)) {
            assertThat(model.generate("Once upon a time", Sampling.GREEDY, piece -> {
            }).text()).isNotBlank();
        }
    }

    @Test
    void saysWhatItExpects() {
        assertThatThrownBy(() -> Quantize.main(new String[0])).hasMessageContainingAll("IN OUT PRESET", "MXFP8");
    }
}
