package org.quantado.models.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.schemes.checkpoint.CheckpointException;

class CalibrationTextTest {
    private static final Path TALES = Path.of("../cli/src/main/resources/org/quantado/cli/demo");
    private static final Path MODEL = TALES.resolve("tales-2m");
    private static final Path TEXT = TALES.resolve("eval.txt");

    @TempDir
    Path folder;

    @Test
    void drawsWindowsInAnOrderThatTheSeedDecides() throws IOException {
        CalibrationText drawn = CalibrationText.draw(TEXT, MODEL, 30, 512, 1);
        assertThat(drawn.chosen()).hasSize(30).allMatch(ids -> ids.length == 512);
        assertThat(drawn.heldBack()).hasSize(14);
        assertThat(CalibrationText.draw(TEXT, MODEL, 30, 512, 1).chosen().getFirst())
                .isEqualTo(drawn.chosen().getFirst());
        assertThat(CalibrationText.draw(TEXT, MODEL, 30, 512, 2).chosen().getFirst())
                .isNotEqualTo(drawn.chosen().getFirst());
    }

    @Test
    void readsRecords() throws IOException {
        Path records = Files.writeString(folder.resolve("records.jsonl"), """
                {"text": "Once upon a time, there was a little fox."}

                {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes."}]}
                """);
        CalibrationText drawn = CalibrationText.draw(records, MODEL, 2, 8, 1);
        assertThat(drawn.chosen()).hasSize(2).allMatch(ids -> ids.length <= 8);
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        assertThatThrownBy(() -> CalibrationText.draw(TEXT, MODEL, 512, 512, 1)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("44 windows of 512 tokens").hasMessageContaining("512 samples");
        Path records = Files.writeString(folder.resolve("records.jsonl"), "{\"text\": \"a\"}\n{\"prompt\": \"b\"}\n");
        assertThatThrownBy(() -> CalibrationText.draw(records, MODEL, 1, 8, 1)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("line 2").hasMessageContaining("text or messages");
    }
}
