package org.quantado.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.report.ExitCode;
import org.quantado.schemes.quantize.Preset;

import com.fasterxml.jackson.databind.JsonNode;

@Tag("device")
class DemoCommandTest {
    @Test
    void runsEveryPresetThatASchemeRuns(@TempDir Path folder) {
        Path kept = folder.resolve("demo");
        CommandRun run = CommandRun.of("demo", "--keep", kept, "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode json = run.json();
        assertThat(json.path("passed").asBoolean()).isTrue();
        Set<String> forms = new HashSet<>();
        json.path("results").forEach(result -> forms.add(result.path("form").asText()));
        assertThat(json.path("results")).hasSize(forms.size() * DemoCheckpoint.LAYERS.size());
        assertThat(forms).contains("MXFP8 while loading", "FP8_DYNAMIC", "MXFP4", "MXFP8", "NVFP4", "W4A16", "W8A8");
        json.path("notRun").forEach(form -> {
            assertThat(form.path("reason").asText()).contains("fits no scheme");
            forms.add(form.path("form").asText());
        });
        assertThat(forms).hasSize(Preset.names().size() + 1);
        assertThat(CommandRun.of("inspect", kept.resolve("bf16"), kept.resolve("w4a16")).exitCode())
                .isEqualTo(ExitCode.DONE);
        CommandRun.of("demo", "--keep", kept).assertFailedWith(ExitCode.BAD_USAGE, "bf16", "already exists");
    }

    @Test
    void anErrorBeyondTheFormatFails() {
        assertThat(result(0.5, 0.1, null).passed()).isTrue();
        assertThat(result(0.5, null, 20.0).passed()).isTrue();
        assertThat(result(1.1, 0.1, null).passed()).isFalse();
        assertThat(result(0.5, 1.1, null).passed()).isFalse();
        assertThat(result(0.5, null, 3.0).passed()).isFalse();
        assertThat(result(Double.NaN, 0.1, null).passed()).isFalse();
        assertThat(result(0.5, null, Double.NaN).passed()).isFalse();
    }

    private static DemoResult result(double weightError, Double kernelError, Double activationSqnr) {
        return new DemoResult("W4A16", "q_proj", 8, 8, 128, 72, 20, 0.1, weightError, kernelError, activationSqnr, 4,
                1, 1);
    }
}
