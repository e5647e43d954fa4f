package org.quantado.models.decoder;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.models.GoldenModels;
import org.quantado.models.LanguageModel;
import org.quantado.schemes.checkpoint.CheckpointException;

/** A tensor that a model needs and the checkpoint lacks is named, and so is one that it has no use for. */
class DecoderTensorsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private void assertRefused(Consumer<ObjectNode> change, String... mentioned) throws IOException {
        Path model = GoldenModels.bundled("tiny/llama");
        ObjectNode config = (ObjectNode) JSON.readTree(model.resolve("config.json").toFile());
        change.accept(config);
        JSON.writeValue(folder.resolve("config.json").toFile(), config);
        Path weights = folder.resolve("model.safetensors");
        if (!Files.exists(weights)) {
            Files.copy(model.resolve("model.safetensors"), weights);
        }
        assertThatThrownBy(() -> LanguageModel.open(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(mentioned);
    }

    @Test
    void missing() throws IOException {
        assertRefused(config -> config.put("num_hidden_layers", 4), "model.layers.3");
        assertRefused(config -> config.put("attention_bias", true), "q_proj.bias");
        assertRefused(config -> config.put("tie_word_embeddings", false), "lm_head");
    }

    @Test
    void withoutUse() throws IOException {
        assertRefused(config -> config.put("num_hidden_layers", 2), "model.layers.2", "no use");
    }

    @Test
    void ofAnotherSize() throws IOException {
        assertRefused(config -> config.put("intermediate_size", 96), "mlp", "192", "96");
        assertRefused(config -> config.put("vocab_size", 321), "model.embed_tokens.weight", "320", "321");
    }
}
