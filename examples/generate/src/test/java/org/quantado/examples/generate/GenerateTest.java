package org.quantado.examples.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.quantado.models.TextModel;
import org.quantado.models.generate.Answer;

class GenerateTest {
    private static final Path TALES = Path.of(System.getProperty("quantado.root"),
            "cli/src/main/resources/org/quantado/cli/demo/tales-2m");

    @Test
    void whatIsPrintedIsTheAnswer() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TextModel model = TextModel.open(TALES)) {
            Answer answer = Generate.generate(model, "Once upon a time", 8,
                    new PrintStream(out, true, StandardCharsets.UTF_8));
            assertThat(answer.ids()).hasSize(8);
            assertThat(answer.text()).isNotBlank();
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(answer.text() + System.lineSeparator());
        }
    }

    @Test
    void saysWhatItExpects() {
        assertThatThrownBy(() -> Generate.main(new String[0])).hasMessage("expected MODEL TEXT");
    }
}
