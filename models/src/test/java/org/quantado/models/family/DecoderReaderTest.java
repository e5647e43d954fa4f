package org.quantado.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.models.GoldenModels;
import org.quantado.schemes.checkpoint.CheckpointException;

/** What a config says is understood in both spellings, or refused by the field's name. */
class DecoderReaderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Tag("golden")
    @TestFactory
    Stream<DynamicTest> bothSpellingsSayTheSame() {
        return GoldenModels.all().filter(model -> Files.exists(model.resolve("config.v5.json")))
                .map(model -> DynamicTest.dynamicTest(model.getFileName().toString(), () -> {
                    DecoderSpec old = DecoderReader.read(model.resolve("config.json"), module -> true);
                    DecoderSpec recent = DecoderReader.read(model.resolve("config.v5.json"), module -> true);
                    assertThat(recent).usingRecursiveComparison().ignoringFields("experts").isEqualTo(old);
                }));
    }

    private DecoderSpec changed(String model, Consumer<ObjectNode> change) throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(GoldenModels.bundled(model).resolve("config.json").toFile());
        change.accept(config);
        Path file = folder.resolve("config.json");
        JSON.writeValue(file.toFile(), config);
        return DecoderReader.read(file, module -> true);
    }

    private void assertRefused(String model, Consumer<ObjectNode> change, String... mentioned) {
        assertThatThrownBy(() -> changed(model, change)).isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(mentioned).hasMessageContaining("config.json");
    }

    @Test
    void whatIsNotDescribedIsRefused() {
        assertRefused("tiny/llama", config -> config.put("model_type", "lama"), "model_type", "'lama'", "llama");
        assertRefused("tiny/llama", config -> config.put("hidden_act", "relu"), "hidden_act", "'relu'", "silu");
        assertRefused("tiny/llama", config -> ((ObjectNode) config.get("rope_scaling")).put("rope_type", "dynamic"),
                "rope_scaling.rope_type", "'dynamic'", "yarn");
        assertRefused("tiny/llama", config -> ((ObjectNode) config.get("rope_scaling")).put("mscale", 2),
                "rope_scaling.mscale");
        assertRefused("tiny/llama", config -> config.remove("hidden_size"), "hidden_size", "nothing");
        assertRefused("tiny/llama", config -> config.put("num_key_value_heads", 4), "num_key_value_heads", "6");
        assertRefused("tiny/gpt_oss", config -> config.putArray("layer_types").add("chunked_attention"),
                "layer_types", "chunked_attention");
        assertRefused("tiny/deepseek_v3", config -> config.put("scoring_func", "softmax"), "scoring_func", "softmax");
    }

    @Test
    void spellingsThatContradictEachOtherAreRefused() {
        assertRefused("tiny/llama", config -> config.putObject("rope_parameters").put("rope_theta", 20000.0),
                "rope_theta", "10000.0", "20000.0");
    }
}
