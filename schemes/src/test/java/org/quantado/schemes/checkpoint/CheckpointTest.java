package org.quantado.schemes.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
    private static final String HEADER = """
            {"%s":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"both":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""";

    @TempDir
    private Path folder;

    @BeforeEach
    void writeShards() throws IOException {
        TestFiles.write(folder.resolve("one.safetensors"), HEADER.formatted("a"), 3);
        TestFiles.write(folder.resolve("two.safetensors"), HEADER.formatted("b"), 3);
    }

    private void index(String weightMap) throws IOException {
        Files.writeString(folder.resolve(Checkpoint.INDEX_FILE_NAME),
                "{\"metadata\":{\"total_size\":6},\"weight_map\":" + weightMap + "}");
    }

    @Test
    void followsTheIndex() throws IOException {
        index("{\"b\":\"two.safetensors\",\"a\":\"one.safetensors\",\"both\":\"two.safetensors\"}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactly("b", "a", "both");
            assertThat(checkpoint.infos()).containsOnlyKeys("b", "a", "both");
            assertThat(checkpoint.tensor("both").file()).isEqualTo(folder.resolve("two.safetensors"));
            assertThat(checkpoint.unlistedNames()).containsExactly("both");
            assertThat(checkpoint.configFile()).isEmpty();
            assertThatThrownBy(() -> checkpoint.tensor("c")).isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("tensor 'c': found no such tensor, expected one of its 3 tensors");
        }
    }

    @Test
    void opensOneFileWithOrWithoutItsFolder() throws IOException {
        Path single = folder.resolve("one.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(single)) {
            assertThat(checkpoint.names()).containsExactly("a", "both");
            assertThat(checkpoint.configFile()).isEmpty();
        }
        Files.move(single, folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("config.json"), "{}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactly("a", "both");
            assertThat(checkpoint.configFile()).contains(folder.resolve("config.json"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"a\":\"three.safetensors\"} | weight_map 'a': found the name of three.safetensors, which does not exist",
            "{\"b\":\"one.safetensors\"}   | weight_map 'b': found the name of one.safetensors, which has no such tensor",
            "{\"a\":\"../one.safetensors\"} | the name of a .safetensors file beside the index",
            "{\"a\":\"/one.safetensors\"} | the name of a .safetensors file beside the index",
            "{\"a\":\"one.safetensors\\u0000.safetensors\"} | the name of a .safetensors file beside the index",
            "{\"a\":\"config.json\"} | the name of a .safetensors file beside the index",
            "{\"a\":1} | weight_map 'a': found 1, expected a file name",
            "[] | weight_map: found an array, expected an object of file names",
            "{\"a\":\"one.safetensors\",\"a\":\"two.safetensors\"} | Duplicate field 'a'",
            "null | weight_map: found null",
    })
    void refusesOtherIndexes(String weightMap, String complaint) throws IOException {
        index(weightMap);
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(Checkpoint.INDEX_FILE_NAME).hasMessageContaining(complaint);
    }

    @Test
    void refusesFoldersWithoutWeights() {
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model.safetensors or model.safetensors.index.json");
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("none")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("no such file");
    }
}
