package org.quantado.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.models.generate.Sampling;
import org.quantado.models.text.TestModels;

/** The README's example of text runs, and is the one in the README. */
@Tag("device")
class ReadmeExampleTest {
    private static final String PROMPT = "On a rainy morning,";

    @Test
    void theExampleRuns() {
        assertThat(example(TestModels.tales(), PROMPT)).startsWith(
                " a curious girl called Greta sat in the valley. After a while, she found a tiny seed in the valley.");
    }

    @Test
    void theReadmeShowsIt() throws IOException {
        String readme = normalized(Files.readString(Path.of("../README.md")));
        String source = Files.readString(Path.of("src/test/java/org/quantado/models/ReadmeExampleTest.java"));
        String begin = "// README: begin\n";
        String example = source
                .substring(source.lastIndexOf(begin) + begin.length(), source.lastIndexOf("// README: end"))
                .replace("checkpoint", "Path.of(\"Llama-3.2-1B-FP8\")").replace("prompt", "\"Once upon a time\"")
                .replace("text::append", "System.out::print");
        assertThat(readme).contains(normalized(example));
    }

    private static String example(Path checkpoint, String prompt) {
        StringBuilder text = new StringBuilder();
        // README: begin
        try (TextModel model = TextModel.open(checkpoint)) {
            model.generate(prompt, Sampling.GREEDY, text::append);
        }
        // README: end
        return text.toString();
    }

    private static String normalized(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }
}
