package org.quantado.schemes.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules are those of huggingface_hub's constants.py and utils/_auth.py. */
class HubEnvironmentTest {
    private static final Path USER = Path.of("/home/me");

    private static HubEnvironment of(Map<String, String> variables) {
        return HubEnvironment.of(variables, USER);
    }

    @Test
    void theCacheIsWhereTheMostSpecialVariableSays() {
        assertThat(of(Map.of()).cache()).hasToString("/home/me/.cache/huggingface/hub");
        assertThat(of(Map.of("HOME", "/root")).cache()).hasToString("/root/.cache/huggingface/hub");
        assertThat(of(Map.of("XDG_CACHE_HOME", "/c")).cache()).hasToString("/c/huggingface/hub");
        assertThat(of(Map.of("HF_HOME", "/h", "XDG_CACHE_HOME", "/c")).cache()).hasToString("/h/hub");
        assertThat(of(Map.of("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/old")).cache()).hasToString("/old");
        assertThat(of(Map.of("HF_HUB_CACHE", "/new", "HUGGINGFACE_HUB_CACHE", "/old")).cache()).hasToString("/new");
    }

    @Test
    void pathsAreExpanded() {
        assertThat(of(Map.of("HF_HOME", "~/hf")).cache()).hasToString("/home/me/hf/hub");
        assertThat(of(Map.of("HF_HUB_CACHE", "$DATA/${WHO}/$NONE", "DATA", "/data", "WHO", "a$b")).cache())
                .hasToString("/data/a$b/$NONE");
        assertThat(of(Map.of("HF_HUB_CACHE", "/a/~")).cache()).hasToString("/a/~");
    }

    @Test
    void theEndpointHasNoSlashAtItsEnd() {
        assertThat(of(Map.of()).endpoint()).isEqualTo(URI.create("https://huggingface.co"));
        assertThat(of(Map.of("HF_ENDPOINT", "http://mirror:81/hub//")).endpoint())
                .isEqualTo(URI.create("http://mirror:81/hub"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "huggingface.co", "ftp://huggingface.co", "https://", "https://me:secret@hub", "a b",
            "https://hub?secret"})
    void whatIsNoEndpointIsNotRepeated(String text) {
        assertThatThrownBy(() -> of(Map.of("HF_ENDPOINT", text)).endpoint()).isInstanceOf(HubException.class).message()
                .startsWith("HF_ENDPOINT: found no address of a hub").doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({"1,,true", "yes,,true", "On,,true", "TRUE,,true", "0,,false", "2,,false", "'',1,true", "0,1,false",
            ",true,true", ",,false"})
    void offline(String hub, String transformers, boolean expected) {
        Map<String, String> variables = new HashMap<>();
        variables.computeIfAbsent("HF_HUB_OFFLINE", name -> hub);
        variables.computeIfAbsent("TRANSFORMERS_OFFLINE", name -> transformers);
        assertThat(of(variables).isOffline()).isEqualTo(expected);
    }

    @Test
    void theTokenIsThatOfAVariableOrElseOfAFile(@TempDir Path home) throws IOException {
        Files.writeString(home.resolve("token"), " hf_file \r\n");
        Path other = Files.writeString(home.resolve("other"), "hf_other");
        String folder = home.toString();
        assertToken("Bearer hf_file", home + "/token", Map.of("HF_HOME", folder));
        assertToken("Bearer hf_file", home + "/token", Map.of("HF_HOME", folder, "HF_TOKEN", " \n"));
        assertToken("Bearer hf_other", other.toString(), Map.of("HF_HOME", folder, "HF_TOKEN_PATH", other.toString()));
        assertToken("Bearer hf_new", "HF_TOKEN",
                Map.of("HF_HOME", folder, "HF_TOKEN", "hf_new\n", "HUGGING_FACE_HUB_TOKEN", "hf_old"));
        assertToken("Bearer hf_old", "HUGGING_FACE_HUB_TOKEN",
                Map.of("HF_TOKEN", "", "HUGGING_FACE_HUB_TOKEN", "hf_old"));
        assertThat(of(Map.of("HF_TOKEN", "hf_new", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).token()).isEmpty();
        assertThat(of(Map.of("HF_HOME", folder + "/none")).token()).isEmpty();
        assertThatThrownBy(() -> of(Map.of("HF_TOKEN_PATH", folder)).token()).isInstanceOf(HubException.class)
                .hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> of(Map.of("HF_TOKEN", "hf_a b")).token()).isInstanceOf(HubException.class).message()
                .contains("HF_TOKEN").doesNotContain("hf_a");
    }

    private static void assertToken(String authorization, String source, Map<String, String> variables) {
        HubToken token = of(variables).token().orElseThrow();
        assertThat(token.authorization()).isEqualTo(authorization);
        assertThat(token.source()).isEqualTo(source);
        assertThat(token.toString()).isEqualTo("a token from " + source);
    }
}
