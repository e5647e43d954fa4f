package org.quantado.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.schemes.checkpoint.CheckpointException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

class TokenizerTest {
    private static final String LONG = "the cat and the hen in the sun ".repeat(100);

    @TestFactory
    Stream<DynamicTest> storiesAreReadAsByThePeer() throws IOException {
        Path stories = TestModels.stories();
        JsonNode cases = new ObjectMapper().readTree(stories.resolve("tokenizer_cases.json").toFile());
        Tokenizer tokenizer = Tokenizer.open(stories.resolve("f32"));
        Stream<DynamicTest> encoded = StreamSupport.stream(cases.get("encode").spliterator(), false)
                .map(test -> dynamicTest("encode " + test.get("text"), () -> {
                    int[] ids = ids(test.get("ids"));
                    assertThat(tokenizer.encodeWithSpecialTokens(test.get("text").asText())).isEqualTo(ids);
                    assertThat(tokenizer.encode(test.get("text").asText())).isEqualTo(ids(test.get("ids_no_special")));
                    assertThat(tokenizer.decode(ids)).isEqualTo(test.get("decoded").asText());
                    assertThat(tokenizer.decodeWithSpecialTokens(ids))
                            .isEqualTo(test.get("decoded_with_special").asText());
                }));
        Stream<DynamicTest> decoded = StreamSupport.stream(cases.get("decode").spliterator(), false)
                .map(test -> dynamicTest("decode " + test.get("ids"), () -> {
                    int[] ids = ids(test.get("ids"));
                    assertThat(tokenizer.decode(ids)).isEqualTo(test.get("decoded").asText());
                    assertThat(tokenizer.decodeWithSpecialTokens(ids))
                            .isEqualTo(test.get("decoded_with_special").asText());
                }));
        return Stream.concat(encoded, decoded).onClose(tokenizer::close);
    }

    private static int[] ids(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"the hen", "", "a</s>", "<s>", "<s>a", "</s>"})
    void bosComesBeforeEveryText(String text) {
        try (Tokenizer tokenizer = Tokenizer.open(TestModels.bytes())) {
            int[] ids = tokenizer.encodeWithSpecialTokens(text);
            assertThat(ids).isEqualTo(IntStream.concat(IntStream.of(1), Arrays.stream(tokenizer.encode(text)))
                    .toArray());
            assertThat(tokenizer.decode(ids)).isEqualTo(text.replaceAll("</?s>", ""));
            assertThat(tokenizer.decodeWithSpecialTokens(ids)).startsWith("<s>")
                    .endsWith(text.substring(text.lastIndexOf('>') + 1));
        }
    }

    @Test
    void brokenBytesBecomeOneReplacementEach() {
        try (Tokenizer tokenizer = Tokenizer.open(TestModels.bytes())) {
            int e4 = 3 + 0xe4;
            int a = tokenizer.encode("a")[0];
            assertThat(tokenizer.decode(e4, 3 + 0xbd, a)).isEqualTo("\ufffd\ufffd a");
            assertThat(tokenizer.decode(e4, 3 + 0xbd, 3 + 0xa0, a)).isEqualTo("\u4f60 a");
        }
    }

    @Test
    void charactersOutsideOfTheBasicPlaneAndZero() {
        for (Path folder : new Path[]{TestModels.bytes(), TestModels.tales()}) {
            try (Tokenizer tokenizer = Tokenizer.open(folder)) {
                String text = "a \ud83d\ude00 \u4f60\u0000 e\u0301";
                assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            }
        }
    }

    @Test
    void longTextsAreNotCut() {
        try (Tokenizer tokenizer = Tokenizer.open(TestModels.bytes())) {
            assertThat(tokenizer.decode(tokenizer.encode(LONG))).isEqualTo(LONG);
        }
    }

    @Test
    void halfOfASurrogatePairIsRefused() {
        try (Tokenizer tokenizer = Tokenizer.open(TestModels.bytes())) {
            assertThatThrownBy(() -> tokenizer.encode("ab\ud83d")).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("character 2");
            assertThatThrownBy(() -> tokenizer.encode("\ude00")).hasMessageContaining("character 0");
        }
    }

    @Test
    void configSaysWhetherBosAndEosAreAdded(@TempDir Path folder) throws IOException {
        Files.copy(TestModels.bytes().resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        assertThat(encoded(folder, "{}")).startsWith(1);
        assertThat(encoded(folder, "{'add_bos_token': false, 'bos_token': '<s>'}")).doesNotContain(1);
        assertThat(encoded(folder, "{'add_eos_token': true, 'bos_token': '<s>', 'eos_token': {'content': '</s>'}}"))
                .startsWith(1).endsWith(2);
        Files.copy(TestModels.tales().resolve("tokenizer.json"), folder.resolve("other.json"));
        Files.move(folder.resolve("other.json"), folder.resolve("tokenizer.json"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(encoded(folder, "{'add_bos_token': true, 'bos_token': '<|user|>'}")).startsWith(1);
        assertThat(encoded(folder, "{'bos_token': '<|user|>'}")).doesNotContain(1);
    }

    private static int[] encoded(Path folder, String config) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), config.replace('\'', '"'));
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            return tokenizer.encodeWithSpecialTokens("the hen");
        }
    }

    @Test
    void vocabularyOfAnotherModelIsRefused() {
        try (Tokenizer tokenizer = Tokenizer.open(TestModels.tales())) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(512);
            tokenizer.requireFits(512);
            assertThatThrownBy(() -> tokenizer.requireFits(511)).isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("tokenizer.json", "ids up to 511", "below 511");
        }
    }

    @Test
    void missingAndDamagedFilesAreNamed(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        refused(folder, "no tokenizer.json");
        Files.writeString(file, "{\"model\": ");
        refused(folder, "malformed JSON");
        Files.writeString(file, "[]");
        refused(folder, "expected a JSON object");
        Files.write(file, new byte[]{'{', '"', (byte) 0xff, '"', '}'});
        refused(folder, "not UTF-8");
        Files.writeString(file, "{\"model\": {\"type\": \"BPE\", \"vocab\": {}, \"merges\": []}}");
        refused(folder, "model.vocab");
        Files.writeString(file, "{\"model\": {\"type\": \"Magic\", \"vocab\": {\"a\": 0}}}");
        refused(folder, "expected a tokenizer");
        Files.copy(TestModels.bytes().resolve("tokenizer.json"), file,
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"add_bos_token\": true, \"bos_token\": \"<begin>\"}");
        refused(folder, "'<begin>'");
    }

    private static void refused(Path folder, String part) {
        assertThatThrownBy(() -> Tokenizer.open(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(folder.toString()).hasMessageContaining(part).message().hasLineCount(1);
    }
}
