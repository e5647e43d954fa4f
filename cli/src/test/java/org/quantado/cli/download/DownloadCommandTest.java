package org.quantado.cli.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.Quantado;
import org.quantado.cli.TextModels;
import org.quantado.cli.report.ExitCode;

/** Downloads, and uses what was downloaded by its id, in processes that have an environment of their own. */
class DownloadCommandTest {
    private static final String PROMPT = "Once upon a time, there was a little fox named";

    @TempDir
    private Path home;

    @Test
    void aModelIsDownloadedAndThenRunsByItsId() throws Exception {
        try (FolderHub hub = new FolderHub(TextModels.tales())) {
            CommandRun before = run(hub, "generate", FolderHub.NAME, PROMPT);
            before.assertFailedWith(ExitCode.BAD_INPUT, FolderHub.NAME, "quantado download " + FolderHub.NAME);
            run(hub, "download", "org/other").assertFailedWith(ExitCode.BAD_INPUT,
                    "org/other: found no such model on " + hub.address() + ", without a token");

            CommandRun download = run(hub, "download", FolderHub.NAME, "--json");
            assertThat(download.exitCode()).as(download.err()).isEqualTo(ExitCode.DONE);
            assertThat(download.json().path("files").asInt()).isEqualTo(7);
            assertThat(download.json().path("bytes")).isEqualTo(download.json().path("fetchedBytes"));
            assertThat(Path.of(download.json().path("folder").asText(), "model.safetensors"))
                    .hasSameBinaryContentAs(TextModels.tales().resolve("model.safetensors"));
        }
        CommandRun after = run(null, "generate", FolderHub.NAME, PROMPT, "--stop", " seed", "--context", "64");
        assertThat(after.exitCode()).as(after.err()).isEqualTo(ExitCode.DONE);
        assertThat(after.out()).isEqualTo(" Sunny. One day, he found a tiny" + System.lineSeparator());
    }

    @Test
    void whatCannotBeMeantIsBadUsage() {
        CommandRun.of("download", "not an id").assertFailedWith(ExitCode.BAD_USAGE, "not an id", "org/name");
        CommandRun.of("download", "a/b@c", "--revision", "d").assertFailedWith(ExitCode.BAD_USAGE, "a/b@c", "d",
                "one revision");
        CommandRun.of("download", "a/b", "--revision", "../x").assertFailedWith(ExitCode.BAD_USAGE, "'../x'");
        CommandRun.of("download", "a/b", "--include", "[z-a]").assertFailedWith(ExitCode.BAD_USAGE, "'[z-a]'");
    }

    private CommandRun run(FolderHub hub, String... arguments) throws IOException, InterruptedException {
        Path out = home.resolve("out");
        Path err = home.resolve("err");
        List<String> java = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), Quantado.class.getName());
        ProcessBuilder process = new ProcessBuilder(
                Stream.concat(java.stream(), Stream.of(arguments)).toList()).redirectOutput(out.toFile())
                .redirectError(err.toFile());
        process.environment().keySet().removeIf(name -> name.startsWith("HF_") || name.startsWith("HUGGING"));
        process.environment().put("HF_HOME", home.toString());
        if (hub == null) {
            process.environment().put("HF_HUB_OFFLINE", "1");
        } else {
            process.environment().put("HF_ENDPOINT", hub.address());
        }
        int exitCode = process.start().waitFor();
        return new CommandRun(exitCode, Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err).lines().filter(line -> !line.startsWith("WARNING:"))
                        .map(line -> line + System.lineSeparator()).reduce("", String::concat));
    }
}
