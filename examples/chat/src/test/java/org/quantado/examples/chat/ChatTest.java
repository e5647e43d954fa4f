package org.quantado.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.quantado.models.TextModel;
import org.quantado.models.text.ChatMessage;

class ChatTest {
    private static final Path TALES = Path.of(System.getProperty("quantado.root"),
            "cli/src/main/resources/org/quantado/cli/demo/tales-2m");

    @Test
    void eachLineIsAQuestionUntilABlankOne() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TextModel model = TextModel.open(TALES)) {
            List<ChatMessage> messages = Chat.talk(model,
                    new BufferedReader(new StringReader("Tell me a story about a bear.\nWho is it about?\n\nMore?\n")),
                    8, new PrintStream(out, true, StandardCharsets.UTF_8));
            assertThat(messages).extracting(message -> message.fields().get("role")).asString()
                    .isEqualTo("[user, assistant, user, assistant]");
            assertThat(out.toString(StandardCharsets.UTF_8).lines()).first().asString()
                    .isEqualTo(messages.get(1).fields().get("content"));
        }
    }
}
