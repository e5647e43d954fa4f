package org.quantado.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.report.ExitCode;

import com.fasterxml.jackson.databind.JsonNode;

@Tag("device")
class DemoCommandTest {
    /** Of the first four windows of 256 tokens, by transformers. */
    private static final double PERPLEXITY = 1.423275;

    @Test
    void theModelTellsItsStoryInEveryForm(@TempDir Path folder) {
        Path kept = folder.resolve("demo");
        CommandRun run = CommandRun.of("demo", "--keep", kept, "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode results = run.json().path("results");
        JsonNode unquantized = results.path(0);
        assertThat(unquantized.path("form").asText()).isEqualTo("bf16");
        assertThat(unquantized.path("perplexity").asDouble()).isCloseTo(PERPLEXITY, within(1e-4));
        assertThat(unquantized.path("story").asText())
                .startsWith(" Sunny. One day, he found a tiny seed in the valley. Sunny made a hole in the ground,");
        results.forEach(result -> {
            String form = result.path("form").asText();
            double ratio = result.path("perplexity").asDouble() / PERPLEXITY;
            assertThat(result.path("story").asText()).as(form).isNotBlank();
            if (form.contains("8")) {
                assertThat(ratio).as(form).isBetween(0.995, 1.005);
                assertThat(result.path("agreement").asDouble()).as(form).isGreaterThan(0.97);
            } else if (form.contains("4")) {
                assertThat(ratio).as(form).isBetween(0.98, 1.02);
                assertThat(result.path("agreement").asDouble()).as(form).isGreaterThan(0.94);
            } else if (form.equals("W2A16")) {
                assertThat(ratio).as(form).isGreaterThan(1.3);
            }
        });
        assertThat(CommandRun.of("inspect", kept.resolve("bf16"), kept.resolve("w4a16")).exitCode())
                .isEqualTo(ExitCode.DONE);
        CommandRun.of("demo", "--keep", kept).assertFailedWith(ExitCode.BAD_USAGE, "bf16", "already exists");
    }
}
