package org.quantado.schemes.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCacheTest {
    private static final String OLD = "a".repeat(40);
    private static final String NEW = "b".repeat(40);

    @TempDir
    private Path home;

    private HubEnvironment environment() {
        return HubEnvironment.of(Map.of("HF_HOME", home.toString()), home);
    }

    private Path snapshot(String commit, String... refs) throws IOException {
        Path model = home.resolve("hub/models--org--name");
        for (String ref : refs) {
            Files.createDirectories(model.resolve("refs").resolve(ref).getParent());
            Files.writeString(model.resolve("refs").resolve(ref), commit);
        }
        return Files.createDirectories(model.resolve("snapshots").resolve(commit));
    }

    private void assertFound(String id, Path folder) {
        assertThat(ModelCache.find(Path.of(id), environment())).contains(folder);
    }

    @Test
    void idsAreFoundByTheirRevision() throws IOException {
        Path main = snapshot(NEW, "main", "refs/pr/1");
        Path tagged = snapshot(OLD, "v1.0");
        assertFound("org/name", main);
        assertFound("org/name@refs/pr/1", main);
        assertFound("org/name@v1.0", tagged);
        assertFound("org/name@" + OLD, tagged);
        assertThat(ModelCache.find(Path.of("org/name@v2"), environment())).isEmpty();
        assertThat(ModelCache.find(Path.of("org/other"), environment())).isEmpty();
    }

    @Test
    void noOtherRevisionIsTakenForMain() throws IOException {
        snapshot(OLD, "v1.0");
        assertThat(ModelCache.find(Path.of("org/name"), environment())).isEmpty();
        assertThat(ModelCache.advice(Path.of("org/name"), environment()).orElseThrow())
                .startsWith("quantado download org/name brings").endsWith("has other revisions of it: v1.0");
    }

    @Test
    void aPathThatLeadsSomewhereWins() throws IOException {
        snapshot(NEW, "main");
        Path here = Path.of("src/test");
        assertThat(ModelCache.find(here, environment())).contains(here);
        assertThat(ModelCache.advice(Path.of("src/tset"), environment())).isEmpty();
        assertThat(ModelCache.advice(Path.of("name"), environment())).isEmpty();
        assertThat(ModelCache.find(home.resolve("org/name"), environment())).isEmpty();
    }

    @Test
    void aRefThatLeadsElsewhereIsNotFollowed() throws IOException {
        snapshot(NEW);
        Path refs = Files.createDirectories(home.resolve("hub/models--org--name/refs"));
        Files.writeString(refs.resolve("main"), "../../..");
        assertThat(ModelCache.find(Path.of("org/name"), environment())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"org/name", "gpt2", "0/x", "org/a.b-c_d", "a_/b", "org/n@main", "org/n@refs/pr/3",
            "org/n@v1.0+cpu"})
    void ids(String text) {
        assertThat(ModelId.of(text).toString()).isEqualTo(text.replace("@main", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/name", "org/", "a/b/c", ".a/b", "a/.b", "a/b.", "a/b-", "a--b/c", "a/b..c", "a/b.git",
            "a/b c", "../b", "a/b@", "a/b@../x", "a/b@/x", "a/b@x/", "a/b@a//b", "a/b@x.lock", "a/b@.x", "a/b@a\\b",
            "a/b@a b", "\u00e4/b", "a\\b"})
    void noIds(String text) {
        assertThatThrownBy(() -> ModelId.of(text)).isInstanceOf(HubException.class).message().contains("expected");
    }

    @Test
    void namesHaveAnEnd() {
        assertThat(ModelId.of("o/" + "n".repeat(96)).folderName()).isEqualTo("models--o--" + "n".repeat(96));
        assertThatThrownBy(() -> ModelId.of("o/" + "n".repeat(97))).isInstanceOf(HubException.class);
    }
}
