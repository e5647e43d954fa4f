package org.quantado.cli.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.Golden;
import org.quantado.cli.report.ExitCode;

import com.fasterxml.jackson.databind.JsonNode;

class ConvertCommandTest {
    private static final Path AWQ = Golden.kept("dialects/awq/modules_to_not_convert");

    @TempDir
    private Path folder;

    @Test
    void saysWhatItWroteAndVerifies() throws IOException {
        Path out = folder.resolve("out");
        CommandRun run = CommandRun.of("convert", AWQ, out, "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode report = run.json();
        assertThat(report.path("dialect").asText()).isEqualTo("awq");
        assertThat(report.path("layers").asInt()).isEqualTo(4);
        assertThat(report.path("leftOut").has("expected.safetensors")).isTrue();
        Files.copy(AWQ.resolve("expected.safetensors"), out.resolve("expected.safetensors"));
        assertThat(CommandRun.of("verify", out).exitCode()).isEqualTo(ExitCode.DONE);
        JsonNode inspected = CommandRun.of("inspect", out, "--json").json().path("checkpoints").path(0);
        assertThat(inspected.path("dialect").asText()).isEqualTo("compressed-tensors");
        assertThat(inspected.path("problems")).isEmpty();
    }

    @Test
    void refusesWhatIsThereAlreadyOrNeedsNoConversion() throws IOException {
        Path out = Files.createDirectory(folder.resolve("out"));
        CommandRun.of("convert", AWQ, out).assertFailedWith(ExitCode.BAD_USAGE, "it exists and is not overwritten");
        Path converted = folder.resolve("converted");
        assertThat(CommandRun.of("convert", AWQ, converted).exitCode()).isEqualTo(ExitCode.DONE);
        CommandRun.of("convert", converted, folder.resolve("again")).assertFailedWith(ExitCode.BAD_INPUT,
                "found a checkpoint of compressed-tensors, expected a quantized checkpoint of another dialect");
    }

    @Test
    void inspectNamesTheDialect() {
        CommandRun run = CommandRun.of("inspect", AWQ);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("awq").contains("W4A16");
    }
}
