package org.quantado.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.TextModels;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Progress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

class GenerateCommandTest {
    private static final String PROMPT = "Once upon a time, there was a little fox named";

    @Test
    void textComesOnStdoutAndFiguresOnStderr() {
        CommandRun run = CommandRun.of("generate", TextModels.tales(), PROMPT, "--stop", " seed", "--context", 64);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).isEqualTo(" Sunny. One day, he found a tiny" + System.lineSeparator());
        assertThat(run.err()).contains("prompt 15 tokens", "first token after", "tokens/s", "weights", "cache");
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void theSeedIsInTheJsonAndGivesTheSameAnswer() {
        JsonNode first = json("--temperature", 1.5, "--max-tokens", 8);
        JsonNode again = json("--temperature", 1.5, "--max-tokens", 8, "--seed",
                first.at("/figures/seed").asLong());
        assertThat(first.path("ids")).hasSizeBetween(1, 8).isEqualTo(again.path("ids"));
        assertThat(first.path("text").asText()).isNotEmpty().isEqualTo(again.path("text").asText());
        assertThat(first.at("/figures/end").asText()).isIn("length", "stop");
        assertThat(first.at("/figures/promptTokens").asInt()).isEqualTo(15);
        assertThat(first.at("/figures/answerTokensPerSecond").asDouble()).isPositive();
    }

    @Test
    void weightsCanBeQuantizedWhileLoading() {
        JsonNode online = json("--online", "mxfp4", "--max-tokens", 4);
        JsonNode plain = json("--max-tokens", 4);
        assertThat(online.path("ids")).hasSize(4);
        assertThat(online.at("/figures/weightBytes").asLong()).isPositive()
                .isLessThan(plain.at("/figures/weightBytes").asLong() / 2);
    }

    /** stderr of a terminal; the prompt is of more than one block of 256 tokens. */
    @Test
    void aLongPromptIsReadWithProgress() throws IOException {
        String prompt = Files.readString(TextModels.tales().resolveSibling("eval.txt")).substring(0, 700);
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(shown, true, StandardCharsets.UTF_8));
        System.setProperty(Progress.TERMINAL_PROPERTY, "true");
        try {
            CommandRun run = CommandRun.of("generate", TextModels.tales(), prompt, "--max-tokens", 2);
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        } finally {
            System.setErr(before);
            System.clearProperty(Progress.TERMINAL_PROPERTY);
        }
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("Reading the prompt", "256/");
    }

    private static JsonNode json(Object... options) {
        Object[] arguments = new Object[options.length + 6];
        System.arraycopy(new Object[]{"generate", TextModels.tales(), PROMPT, "--json", "--context", 64}, 0, arguments,
                0, 6);
        System.arraycopy(options, 0, arguments, 6, options.length);
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        return run.json();
    }

    @Test
    void optionsOutOfTheirRangeAreBadUsage() {
        CommandRun.of("generate", TextModels.tales(), "a", "--temperature", -1)
                .assertFailedWith(ExitCode.BAD_USAGE, "temperature", "-1.0", "0 or more");
        CommandRun.of("generate", TextModels.tales(), "a", "--context", 0)
                .assertFailedWith(ExitCode.BAD_USAGE, "--context", "0");
        CommandRun.of("generate", TextModels.tales(), "a", "--max-tokens", 0)
                .assertFailedWith(ExitCode.BAD_USAGE, "0", "1 or more");
    }

    @Test
    void promptsThatDoNotFitAreBadInput() {
        CommandRun.of("generate", TextModels.tales(), "").assertFailedWith(ExitCode.BAD_INPUT, "prompt", "no tokens");
        CommandRun.of("generate", TextModels.tales(), "a b c d e f g h i j k l", "--context", 8)
                .assertFailedWith(ExitCode.BAD_INPUT, "prompt", "at most 8");
        CommandRun.of("generate", TextModels.tales(), "a", "--context", 4096)
                .assertFailedWith(ExitCode.BAD_INPUT, "4096", "512");
    }

    @Test
    void filesThatAreMissingOrOfAnotherModelAreNamed(@TempDir Path folder) throws IOException {
        TextModels.copy(folder);
        Files.delete(folder.resolve("tokenizer.json"));
        refused(folder, "no tokenizer.json");
        Files.writeString(folder.resolve("tokenizer.json"), "{");
        refused(folder, "tokenizer.json", "malformed JSON");
        Files.writeString(folder.resolve("tokenizer.json"),
                Files.readString(TextModels.tales().resolve("tokenizer.json"))
                        .replace("\"id\": 3", "\"id\": 512"));
        refused(folder, "tokenizer.json", "ids up to 512", "below 512");
        TextModels.copy(folder);
        Files.writeString(folder.resolve("generation_config.json"), "{\"num_beams\": 4}");
        refused(folder, "generation_config.json", "num_beams", "4");
        CommandRun.of("generate", "nobody/nothing", "a").assertFailedWith(ExitCode.BAD_INPUT, "nobody/nothing");
    }

    @Test
    void aLayerThatIsMissingIsNamed(@TempDir Path folder) throws IOException {
        TextModels.copy(folder);
        changeConfig(folder, config -> config.put("num_hidden_layers", config.path("num_hidden_layers").asInt() + 1));
        refused(folder, "model.layers.", "expected");
    }

    @Test
    void aContextThatTheDeviceHasNoRoomForIsRefusedWithOneThatFits(@TempDir Path folder) throws IOException {
        TextModels.copy(folder);
        changeConfig(folder, config -> config.put("max_position_embeddings", Integer.MAX_VALUE));
        CommandRun.of("generate", folder, "a", "--context", Integer.MAX_VALUE).assertFailedWith(ExitCode.NO_DEVICE,
                "MB for its weights", "MB for keys and values of 1 x 2147483647 positions", "a context of",
                "would fit");
    }

    private static void changeConfig(Path folder, Consumer<ObjectNode> change) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config = (ObjectNode) json.readTree(folder.resolve("config.json").toFile());
        change.accept(config);
        json.writeValue(folder.resolve("config.json").toFile(), config);
    }

    private static void refused(Path folder, String... words) {
        CommandRun.of("generate", folder, "a").assertFailedWith(ExitCode.BAD_INPUT, words);
    }
}
