package org.quantado.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

@Tag("device")
class DemoCommandTest {
    @Test
    void checksItsOwnResults(@TempDir Path folder) {
        Path kept = folder.resolve("demo");
        CommandRun run = CommandRun.of("demo", "--keep", kept, "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode json = run.json();
        assertThat(json.path("passed").asBoolean()).isTrue();
        Set<String> forms = new HashSet<>();
        json.path("results").forEach(result -> forms.add(result.path("form").asText()));
        assertThat(forms).contains("MXFP8 weights", "MXFP8 weights and activations").hasSize(DemoForm.ALL.size());
        assertThat(CommandRun.of("inspect", kept).exitCode()).isEqualTo(ExitCode.DONE);
        CommandRun.of("demo", "--keep", kept).assertFailedWith(ExitCode.BAD_USAGE, "model.safetensors",
                "already exists");
    }

    @Test
    void anErrorBeyondTheFormatsFails() {
        DemoResult result = new DemoResult("MXFP8 weights", "q_proj", 8, 8, 128, 72, 20, 30, 0.1, 0.5, 1, 1);
        DemoReport report = new DemoReport(null, null, 8, List.of(result), result.passed());
        assertThat(report.passed()).isFalse();
        assertThat(new DemoResult("MXFP8 weights", "q_proj", 8, 8, 128, 72, 31, 30, 0.1, 1.5, 1, 1).passed()).isFalse();
        assertThat(new DemoResult("MXFP8 weights", "q_proj", 8, 8, 128, 72, 31, 30, 0.1, 0.5, 1, 1).passed()).isTrue();
        assertThat(new DemoResult("NVFP4 weights", "q_proj", 8, 8, 128, 72, Double.NaN, 30, 0.1, null, 1, 1).passed())
                .isFalse();
    }
}
