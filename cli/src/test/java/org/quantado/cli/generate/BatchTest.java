package org.quantado.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.TextModels;
import org.quantado.cli.report.ExitCode;
import org.quantado.schemes.cluster.ClusterProvider;

/** Many prompts: answers in their order, each as if it were alone. */
class BatchTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;
    private Path prompts;
    private Path out;

    @BeforeEach
    void writePrompts() throws IOException {
        prompts = folder.resolve("prompts.jsonl");
        out = folder.resolve("answers.jsonl");
        Files.write(prompts, List.of("{\"id\": \"a\", \"prompt\": \"Once upon a time\"}", "{\"prompt\": \"\"}",
                "no json", "{\"id\": 7, \"text\": \"a bear\"}", "{\"id\": [1], \"prompt\": \"There was a bear\"}",
                "{\"prompt\": \"a bear\", \"stop\": 1}"));
    }

    private CommandRun run(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("generate", TextModels.tales(), "--prompts", prompts,
                "--output", out, "--max-tokens", 6, "--temperature", 1, "--context", 64));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    private List<JsonNode> answers() throws IOException {
        List<JsonNode> answers = new ArrayList<>();
        for (String line : Files.readAllLines(out)) {
            answers.add(MAPPER.readTree(line));
        }
        return answers;
    }

    @Test
    void eachIsAnsweredAsIfItWereAlone() throws IOException {
        CommandRun run = run("--seed", 5, "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.json().path("prompts").intValue()).isEqualTo(6);
        assertThat(run.json().path("errors").intValue()).isEqualTo(4);
        List<JsonNode> answers = answers();
        assertThat(answers.get(0).path("id").textValue()).isEqualTo("a");
        assertThat(answers.get(4).path("id").toString()).isEqualTo("[1]");
        JsonNode alone = CommandRun.of("generate", TextModels.tales(), "There was a bear", "--max-tokens", 6,
                "--temperature", 1, "--context", 64, "--seed", 5 + 4, "--json").json();
        assertThat(answers.get(4).path("text").textValue()).isNotEmpty().isEqualTo(alone.path("text").textValue());
        assertThat(answers.get(4).path("seed").intValue()).isEqualTo(5 + 4);
        assertThat(answers.get(1).path("error").textValue()).contains("no tokens");
        assertThat(answers.get(2).path("error").textValue()).contains("no json", "an object of JSON");
        assertThat(answers.get(3).path("error").textValue()).contains("field prompt", "none");
        assertThat(answers.get(3).path("id").intValue()).isEqualTo(7);
        assertThat(answers.get(5).path("error").textValue()).contains("'stop'", "prompt and id");
        assertThat(folder.resolve("answers.jsonl.partial")).doesNotExist();
    }

    @Test
    void asManyAtATimeAsAskedFor() throws IOException {
        run("--parallel", 1);
        List<JsonNode> answers = answers();
        Files.delete(out);
        run();
        assertThat(answers()).isEqualTo(answers);
        Files.delete(out);
        run("--parallel", 257).assertFailedWith(ExitCode.BAD_USAGE, "--parallel", "257", "1 to 256");
    }

    @Test
    void goesOnWithWhatWasAnswered() throws IOException {
        assertThat(run().exitCode()).isZero();
        String whole = Files.readString(out);
        // an output that cannot be put in its place leaves what it is made of
        Files.delete(out);
        Files.createDirectories(folder.resolve("answers.jsonl.whole"));
        assertThat(run().exitCode()).isNotZero();
        Path partial = folder.resolve("answers.jsonl.partial");
        String noted = Files.readString(partial);
        Files.delete(folder.resolve("answers.jsonl.whole"));
        for (int cut = 1; cut < noted.length(); cut = 2 * cut + 1) {
            Files.writeString(partial, noted.substring(0, noted.length() - cut));
            CommandRun run = run();
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(out).content().isEqualTo(whole);
            Files.delete(out);
        }
        Files.writeString(partial, noted);
        run("--seed", 1).assertFailedWith(ExitCode.BAD_INPUT, "answers.jsonl.partial", "other answers");
        CommandRun again = run("--json");
        assertThat(again.json().path("answeredBefore").intValue()).isEqualTo(6);
        run().assertFailedWith(ExitCode.BAD_USAGE, "answers.jsonl", "already exists");
    }

    @Test
    void optionsThatDoNotGoTogetherAreBadUsage() {
        CommandRun.of("generate", TextModels.tales()).assertFailedWith(ExitCode.BAD_USAGE, "PROMPT");
        CommandRun.of("generate", TextModels.tales(), "a", "--master", "local[1]")
                .assertFailedWith(ExitCode.BAD_USAGE, "--master", "--prompts");
        CommandRun.of("generate", TextModels.tales(), "a", "--parallel", 2)
                .assertFailedWith(ExitCode.BAD_USAGE, "--parallel", "--prompts");
        CommandRun.of("generate", TextModels.tales(), "--prompts", prompts).assertFailedWith(ExitCode.BAD_USAGE,
                "--output");
        run("--conf", "a=b").assertFailedWith(ExitCode.BAD_USAGE, "--conf", "--master");
    }

    @Test
    void aMasterWithoutSparkIsRefused() {
        assumeThat(ServiceLoader.load(ClusterProvider.class).findFirst()).isEmpty();
        run("--master", "local[1]").assertFailedWith(ExitCode.NO_DEVICE, "--master", "Apache Spark", "launcher");
    }
}
