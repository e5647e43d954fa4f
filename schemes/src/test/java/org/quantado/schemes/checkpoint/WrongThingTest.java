package org.quantado.schemes.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is given in place of a checkpoint is called what it is, and the sentence says what to do. */
class WrongThingTest {
    /** Version 3, 291 tensors, 24 metadata entries: as llama.cpp begins a file. */
    private static final byte[] GGUF = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)
            .put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(291).putLong(24).array();
    private static final byte[] PICKLE = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, 1};

    @TempDir
    Path folder;

    private static void assertHelp(Path path, String... parts) {
        assertThatThrownBy(() -> Checkpoint.open(path)).isInstanceOf(CheckpointException.class).message()
                .contains(parts).contains("found ", "expected ").doesNotContain("header length", "Exception");
    }

    @Test
    void filesOfOtherFormats() throws IOException {
        assertHelp(Files.write(folder.resolve("model-Q4_K_M.gguf"), GGUF), "found a GGUF file",
                "get the original model");
        assertHelp(Files.write(folder.resolve("model.safetensors"), GGUF), "found a GGUF file");
        assertHelp(Files.write(folder.resolve("pytorch_model.bin"), PICKLE), "found PyTorch's weights",
                "save_pretrained");
        assertHelp(Files.writeString(folder.resolve("pytorch_model.pt"), "PK\3\4\0\0\0\0\0\0"), "PyTorch's weights");
        assertHelp(Files.writeString(folder.resolve("a.safetensors"),
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"), "Git LFS", "git lfs pull");
        assertHelp(Files.writeString(folder.resolve("b.safetensors"), "<!doctype html><p>Sign in</p>"), "a web page");
        assertHelp(Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}"), "a JSON file",
                "the folder");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "model-Q4_K_M.gguf, model-Q8_0.gguf | a GGUF file (llama.cpp's format) (model-Q4_K_M.gguf and 1 more)",
            "pytorch_model.bin, config.json | PyTorch's weights (pytorch_model.bin)",
            "consolidated.00.pth, params.json | PyTorch's weights (consolidated.00.pth)",
            "consolidated.safetensors, config.json | safetensors under other names (consolidated.safetensors)",
            "one/model.safetensors | a folder above checkpoints (one)",
            "config.json | neither of the two",
    })
    void foldersOfOtherThings(String files, String found) throws IOException {
        for (String file : files.split(", ", -1)) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.createFile(folder.resolve(file));
        }
        assertHelp(folder, folder + ": found " + found);
    }

    @Test
    void emptyFolder() {
        assertHelp(folder, "found an empty folder", "model.safetensors");
    }

    @Test
    void cacheFoldersAboveSnapshots() throws IOException {
        Path model = folder.resolve("hub/models--org--model");
        Path snapshot = Files.createDirectories(model.resolve("snapshots/0123abcd"));
        Files.createDirectories(model.resolve("blobs"));
        assertHelp(model, "above its snapshots", snapshot.toString());
        assertHelp(folder.resolve("hub"), "a cache of models", snapshot.toString());
        assertHelp(snapshot, "an empty folder", "; quantado download org/model@0123abcd fetches what is missing");
        Files.createDirectories(model.resolve("refs"));
        Files.writeString(model.resolve("refs/main"), "0123abcd");
        Files.writeString(snapshot.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"model-1.safetensors\"}}");
        assertHelp(snapshot, "which does not exist", "; quantado download org/model fetches what is missing");
    }

    @Test
    void modelIds() {
        assertHelp(Path.of("no-such-org/Llama-3.2-1B"), "no such file or folder",
                "quantado download no-such-org/Llama-3.2-1B brings a model of Hugging Face into the cache ");
        assertHelp(Path.of("no-such-org/Llama-3.2-1B@v2"), "quantado download no-such-org/Llama-3.2-1B@v2 ");
    }

    @Test
    void misspelledPaths() throws IOException {
        Path there = Files.createDirectories(folder.resolve("models/Llama-3.2-1B"));
        assertHelp(folder.resolve("models/llama-3.2-1b"), "did you mean '" + there + "'?");
        assertHelp(folder.resolve("model/Llama-3.2-1B"), "did you mean '" + there.getParent() + "'?");
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("models/x"))).message().doesNotContain("did you mean");
    }

    @Test
    void unreadableFoldersAndFiles() throws IOException {
        Path file = Files.createFile(folder.resolve("model.safetensors"));
        Files.setPosixFilePermissions(file, Set.of());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("-wx------"));
        try {
            Assumptions.assumeFalse(Files.isReadable(file), "this user reads everything");
            assertHelp(file, "no permission to read it");
            Files.setPosixFilePermissions(folder, Set.of());
            assertHelp(folder, "no permission to read the folder");
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void brokenJsonIsToldWithoutTheParsersOwnAccount() throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), "{\"a\": {\"b\": [1, 2\n");
        assertThatThrownBy(() -> JsonFile.readObject(file)).message()
                .contains("malformed JSON in line 2, column 1 (", "close marker for Array)")
                .doesNotContain("REDACTED", "Source", "[");
    }

    @Test
    void namesAndPathsAreEscaped() throws IOException {
        Path file = TestFiles.write(folder.resolve("x\u001b[31m\ny.safetensors"),
                "{\"a\\u001b[2J\\n\\u202eb\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).message()
                .contains("x\\u001b[31m\\ny.safetensors", "'a\\u001b[2J\\n\\u202eb'")
                .doesNotContain("\u001b", "\n", "\u202e");
        assertThat(Escaped.text("\ud800 \u2028 \t é 漢 \ud83d\ude00")).isEqualTo("\\ud800 \\u2028 \\t é 漢 \ud83d\ude00");
    }
}
