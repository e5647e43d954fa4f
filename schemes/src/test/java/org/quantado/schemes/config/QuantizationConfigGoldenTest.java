package org.quantado.schemes.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.JsonFile;

/** A config that compressed-tensors wrote is written back as it was. */
@Tag("golden")
class QuantizationConfigGoldenTest {

    @TestFactory
    Stream<DynamicTest> sameTreeWhenWrittenBack() {
        return Golden.tests("configs of compressed-tensors", QuantizationConfigGoldenTest::isOfThePeer,
                file -> {
                    JsonNode written = ModelConfig.read(file).quantization().orElseThrow().toJson();
                    assertThat(written).isEqualTo(JsonFile.readObject(file).get("quantization_config"));
                });
    }

    @TestFactory
    Stream<DynamicTest> sameTextWhenWrittenBack() {
        return Golden.tests("configs of compressed-tensors", QuantizationConfigGoldenTest::isOfThePeer,
                file -> {
                    String text = Files.readString(file);
                    assumeTrue(text.startsWith("{\n  \""), "the file was laid out by something else");
                    ObjectNode config = JsonFile.readObject(file);
                    assertThat(ModelConfig.text(config, ModelConfig.read(file).quantization().orElseThrow()))
                            .isEqualTo(text);
                });
    }

    private static boolean isOfThePeer(Path path) {
        return path.endsWith("config.json") && !Golden.isBad(path)
                && Golden.json(path).at("/quantization_config/version").asText().startsWith("0.18.");
    }
}
