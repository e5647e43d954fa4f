package org.quantado.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.models.text.TestModels;
import org.quantado.schemes.checkpoint.CheckpointException;

class GenerationDefaultsTest {
    @TempDir
    private Path folder;

    private GenerationDefaults read(String generation, String config) throws IOException {
        write("generation_config.json", generation);
        write("config.json", config);
        return GenerationDefaults.read(folder);
    }

    private void write(String file, String json) throws IOException {
        Files.writeString(folder.resolve(file), json.replace('\'', '"'));
    }

    @Test
    void sampledOnlyIfTheFileSaysSo() throws IOException {
        assertThat(read("{'temperature': 0.7, 'top_p': 0.9}", "{}").sampling()).isEqualTo(Sampling.GREEDY);
        assertThat(read("{'do_sample': true, 'temperature': 0.7, 'top_p': 0.9, 'top_k': 20, 'min_p': 0.1, "
                + "'repetition_penalty': 1.05}", "{}").sampling())
                .isEqualTo(Sampling.GREEDY.withTemperature(0.7).withTopP(0.9).withTopK(20).withMinP(0.1)
                        .withRepetitionPenalty(1.05));
        assertThat(read("{'do_sample': true}", "{}").sampling()).isEqualTo(Sampling.GREEDY.withTemperature(1));
        assertThat(read("{'repetition_penalty': 1.1}", "{}").sampling())
                .isEqualTo(Sampling.GREEDY.withRepetitionPenalty(1.1));
    }

    @Test
    void idsThatEndAnAnswer() throws IOException {
        assertThat(read("{'eos_token_id': [3, 0]}", "{'eos_token_id': 5}").stopIds()).containsExactlyInAnyOrder(0, 3);
        assertThat(read("{'eos_token_id': 7}", "{}").stopIds()).containsExactly(7);
        assertThat(read("{}", "{'eos_token_id': 5}").stopIds()).containsExactly(5);
        assertThat(read("{}", "{'text_config': {'eos_token_id': [1]}}").stopIds()).containsExactly(1);
        assertThat(read("{}", "{}").stopIds()).isEmpty();
        Files.delete(folder.resolve("generation_config.json"));
        assertThat(GenerationDefaults.read(folder)).isEqualTo(
                new GenerationDefaults(Sampling.GREEDY, java.util.Set.of()));
        assertThat(GenerationDefaults.read(TestModels.tales()).stopIds()).containsExactlyInAnyOrder(0, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'num_beams': 4", "'no_repeat_ngram_size': 3", "'suppress_tokens': [1]",
            "'eos_token_id': 'x'", "'eos_token_id': [-1]", "'temperature': 'hot', 'do_sample': true",
            "'do_sample': 1", "'do_sample': true, 'top_p': 2"})
    void whatIsNotKnownIsRefused(String fields) {
        assertThatThrownBy(() -> read("{" + fields + "}", "{}")).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("generation_config.json");
    }

    @Test
    void neutralValuesAreNotRefused() throws IOException {
        assertThat(read("{'num_beams': 1, 'typical_p': 1.0, 'suppress_tokens': null}", "{}").sampling())
                .isEqualTo(Sampling.GREEDY);
    }
}
