package org.quantado.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.TextModels;
import org.quantado.cli.report.ExitCode;

import com.fasterxml.jackson.databind.JsonNode;

class EvalCommandTest {
    /** Of the first window of 256 tokens, by transformers. */
    private static final double PERPLEXITY = 1.373594;
    /** Of that window. */
    private static final int CHARACTERS = 594;
    private static final Path TEXT = TextModels.tales().resolveSibling("eval.txt");

    @TempDir
    private Path folder;

    @Test
    void perplexityIsThePeersAndAModelIsLikeItself() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"),
                Files.readString(TEXT).substring(0, CHARACTERS));
        CommandRun run = CommandRun.of("eval", TextModels.tales(), "--text", text, "--window", 256, "--json",
                "--against", TextModels.tales(), "--context", 256);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode json = run.json();
        assertThat(json.path("tokens").asInt()).isEqualTo(256);
        assertThat(json.path("predicted").asInt()).isEqualTo(255);
        assertThat(json.path("perplexity").asDouble()).isCloseTo(PERPLEXITY, within(1e-4));
        assertThat(json.at("/against/perplexity").asDouble()).isEqualTo(json.path("perplexity").asDouble());
        assertThat(json.at("/against/meanDivergence").asDouble()).isZero();
        assertThat(json.at("/against/agreement").asDouble()).isEqualTo(1);
        assertThat(json.at("/against/positions")).hasSize(8);
    }

    @Test
    void paragraphsAreReadOnTheirOwn() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "A hen.\n\nThe hen sat down.\n");
        CommandRun run = CommandRun.of("eval", TextModels.tales(), "--text", text, "--paragraphs");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("in 2 windows", "perplexity ");
    }

    @Test
    void textThatCannotBeReadIsNamed() throws IOException {
        Path text = Files.write(folder.resolve("latin1.txt"), "\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        CommandRun.of("eval", TextModels.tales(), "--text", text).assertFailedWith(ExitCode.BAD_INPUT, "latin1.txt",
                "UTF-8");
        CommandRun.of("eval", TextModels.tales(), "--text", folder.resolve("none.txt"))
                .assertFailedWith(ExitCode.BAD_INPUT, "none.txt", "no such file");
        CommandRun.of("eval", TextModels.tales(), "--text", TEXT, "--window", 9, "--paragraphs")
                .assertFailedWith(ExitCode.BAD_USAGE, "--window", "--paragraphs");
        CommandRun.of("eval", TextModels.tales(), "--text", TEXT, "--master", "local", "--against", TextModels.tales())
                .assertFailedWith(ExitCode.BAD_USAGE, "--against", "--master");
        CommandRun.of("eval", TextModels.tales(), "--text", TEXT, "--window", 600)
                .assertFailedWith(ExitCode.BAD_INPUT, "window", "600", "at most 513");
    }
}
