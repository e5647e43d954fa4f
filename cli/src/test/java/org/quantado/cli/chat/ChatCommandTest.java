package org.quantado.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.TextModels;
import org.quantado.cli.report.ExitCode;

import com.fasterxml.jackson.databind.JsonNode;

class ChatCommandTest {
    private static final InputStream STDIN = System.in;
    private static final String FIRST = "Tell me a story about a bear.";

    @AfterEach
    void restore() {
        System.setIn(STDIN);
    }

    private static void type(String text) {
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void eachLineIsAQuestion() {
        type(FIRST + "\n\nWho is it about?\n");
        CommandRun run = CommandRun.of("chat", TextModels.tales(), "--max-tokens", 9, "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode messages = run.json().path("messages");
        assertThat(messages).extracting(message -> message.path("role").asText()).containsExactly("user", "assistant",
                "user", "assistant");
        assertThat(messages.path(1).path("content").asText()).isEqualTo("On a snowy aftern");
        assertThat(run.json().path("answers")).hasSize(2);
        assertThat(run.err().lines()).hasSize(2);
    }

    @Test
    void answersArePrintedOneBelowTheOther() {
        type(FIRST);
        CommandRun run = CommandRun.of("chat", TextModels.tales(), "--max-tokens", 9);
        assertThat(run.out()).isEqualTo("On a snowy aftern" + System.lineSeparator());
    }

    @Test
    void aConversationOutgrowsItsContext() {
        type(FIRST);
        CommandRun.of("chat", TextModels.tales(), "--context", 12).assertFailedWith(ExitCode.BAD_INPUT,
                "conversation", "expected at most 12");
    }

    @Test
    void templatesThatFailAreNamed(@TempDir Path folder) throws IOException {
        TextModels.copy(folder);
        Path template = folder.resolve("chat_template.jinja");
        type(FIRST);
        Files.writeString(template, "{{ raise_exception('No ' + messages[0].role + ' here') }}");
        CommandRun.of("chat", folder).assertFailedWith(ExitCode.BAD_INPUT, "chat_template.jinja", "No user here");
        Files.writeString(template, "\n{% include 'x' %}");
        CommandRun.of("chat", folder).assertFailedWith(ExitCode.BAD_INPUT, "line 2", "the tag include is not known");
        Files.delete(template);
        Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
        CommandRun.of("chat", folder).assertFailedWith(ExitCode.BAD_INPUT, "no chat template");
    }
}
