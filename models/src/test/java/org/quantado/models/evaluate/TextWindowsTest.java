package org.quantado.models.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.Test;
import org.quantado.models.generate.GenerationException;
import org.quantado.models.text.TestModels;
import org.quantado.models.text.Tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

class TextWindowsTest {
    @Test
    void windowsOneAfterAnother() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(TestModels.tales())) {
            List<int[]> windows = TextWindows.consecutive(tokenizer, Files.readString(TestModels.talesText()), 256);
            assertThat(windows).hasSize(90);
            assertThat(windows.stream().mapToInt(window -> window.length).sum()).isEqualTo(22880);
            assertThat(windows.getLast()).hasSize(22880 - 89 * 256);
        }
    }

    @Test
    void oneIdIsNoWindow() {
        try (Tokenizer tokenizer = Tokenizer.open(TestModels.bytes())) {
            int ids = tokenizer.encodeWithSpecialTokens("the hen").length;
            assertThat(TextWindows.consecutive(tokenizer, "the hen", ids - 1)).hasSize(1);
            assertThat(TextWindows.paragraphs(tokenizer, "\nthe hen\n \t\n\nthe cat\r\n\r\na\n"))
                    .containsExactly(tokenizer.encodeWithSpecialTokens("the hen"),
                            tokenizer.encodeWithSpecialTokens("the cat"), tokenizer.encodeWithSpecialTokens("a"));
            assertThatThrownBy(() -> TextWindows.consecutive(tokenizer, "", 8))
                    .isInstanceOf(GenerationException.class).hasMessageContaining("text");
            assertThatThrownBy(() -> TextWindows.consecutive(tokenizer, "the hen", 1))
                    .isInstanceOf(GenerationException.class).hasMessageContaining("window");
        }
    }

    @Test
    void windowsAreThoseOfThePeer() throws IOException {
        Path stories = TestModels.stories();
        JsonNode expected = new ObjectMapper().readTree(stories.resolve("f32/expected.json").toFile());
        String text = Files.readString(stories.resolve("text.txt"));
        try (Tokenizer tokenizer = Tokenizer.open(stories.resolve("f32"))) {
            assertThat(TextWindows.consecutive(tokenizer, text, 256)).extracting(window -> window.length)
                    .containsExactlyElementsOf(numbers(expected.at("/windows256/windows")));
            assertThat(TextWindows.paragraphs(tokenizer, text)).extracting(window -> window.length)
                    .containsExactlyElementsOf(numbers(expected.at("/paragraphs/documents")));
        }
    }

    private static List<Integer> numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::intValue).toList();
    }
}
