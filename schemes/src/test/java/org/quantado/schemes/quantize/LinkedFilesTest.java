package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.schemes.checkpoint.DType;

/** Links are what they lead to, wherever they are: no file is lost, and what cannot be copied is named. */
class LinkedFilesTest {
    @TempDir
    Path folder;
    private Path plain;
    private Path expected;

    @BeforeEach
    void quantizePlainFiles() throws IOException {
        plain = SyntheticCheckpoint.llama(folder.resolve("plain"), DType.BF16, 1);
        Files.writeString(plain.resolve("generation_config.json"), "{}");
        expected = folder.resolve("expected");
        assertThat(quantize(plain, expected).leftOut()).isEmpty();
    }

    private static QuantizationResult quantize(Path in, Path out) throws IOException {
        return CheckpointQuantizer.quantize(in, out, QuantizationRequest.of(Preset.named("W4A16")),
                QuantizationProgress.NONE);
    }

    /** A cache as Hugging Face's tools lay it out: snapshots of links into blobs. */
    private Path snapshot() throws IOException {
        Path cache = folder.resolve("hub/models--org--model");
        Path blobs = Files.createDirectories(cache.resolve("blobs"));
        Path snapshot = cache.resolve("snapshots/0123abcd");
        int blob = 0;
        for (Path file : files(plain)) {
            Path target = blobs.resolve("blob" + blob++);
            Files.copy(plain.resolve(file), target);
            Path link = snapshot.resolve(file);
            Files.createDirectories(link.getParent());
            Files.createSymbolicLink(link, link.getParent().relativize(target));
        }
        return snapshot;
    }

    @Test
    void snapshotOfLinksIntoBlobs() throws IOException {
        Path out = folder.resolve("out");
        assertThat(quantize(snapshot(), out).leftOut()).isEmpty();
        assertSameFiles(out, expected);
    }

    @Test
    void linkToASnapshot() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), snapshot());
        Path out = folder.resolve("out");
        assertThat(quantize(link, out).leftOut()).isEmpty();
        assertSameFiles(out, expected);
    }

    @Test
    void linkToAFolder() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("plain"));
        Path out = folder.resolve("out");
        assertThat(quantize(link, out).leftOut()).isEmpty();
        assertSameFiles(out, expected);
    }

    @Test
    void linkedFolderWithin() throws IOException {
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(plain.resolve("chat"), elsewhere);
        Files.createSymbolicLink(plain.resolve("chat"), elsewhere);
        Path out = folder.resolve("out");
        assertThat(quantize(plain, out).leftOut()).isEmpty();
        assertSameFiles(out, expected);
    }

    @Test
    void whatCannotBeCopiedIsNamed() throws IOException {
        Files.createSymbolicLink(plain.resolve("special_tokens_map.json"), Path.of("nowhere"));
        Files.createSymbolicLink(plain.resolve("chat/again"), plain);
        Path out = folder.resolve("out");
        assertThat(quantize(plain, out).leftOut()).containsExactly(
                Map.entry("chat/again", "a link to a folder that it is in"),
                Map.entry("special_tokens_map.json", "a link that leads nowhere"));
        assertSameFiles(out, expected);
    }

    private static void assertSameFiles(Path actual, Path wanted) throws IOException {
        assertThat(files(actual)).isEqualTo(files(wanted));
        for (Path file : files(wanted)) {
            assertThat(actual.resolve(file)).isRegularFile().hasSameBinaryContentAs(wanted.resolve(file));
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
        }
    }
}
