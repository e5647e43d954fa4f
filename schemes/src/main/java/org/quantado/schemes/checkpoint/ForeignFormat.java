package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** What is often taken for a safetensors file, and what to do instead. */
enum ForeignFormat {
    /** Of llama.cpp. */
    GGUF("a GGUF file (llama.cpp's format)", "safetensors, which GGUF cannot be turned back into: get the original"
            + " model, or one that llm-compressor has quantized", "gguf", "GGUF"),
    /** A zip archive of a pickle and its arrays, or a pickle alone. */
    PYTORCH("PyTorch's weights", "safetensors: get a newer upload of the model, or load it with transformers and save"
            + " it with save_pretrained, which writes them", "bin|pt|pth|ckpt", "PK\\x03\\x04|\\x80[\\x02\\x04]"),
    /** Of Keras and TensorFlow. */
    HDF5("an HDF5 file (Keras' and TensorFlow's weights)", "safetensors", "h5", "\\x89HDF"),
    /** What is in a git clone in place of a large file. */
    GIT_LFS("a Git LFS pointer in place of the file", "the file itself: run git lfs pull in its folder", "",
            "version https://git-lfs"),
    /** What a server says that does not give the file. */
    WEB_PAGE("a web page", "a safetensors file: download it again, perhaps after logging in", "", "<!|<html"),
    /** A config or an index. */
    JSON("a JSON file", "a safetensors file, or the folder of a checkpoint", "json", "\\{");

    private static final int LONGEST_BEGINNING = 32;

    private final String found;
    private final String expected;
    private final Pattern name;
    private final Pattern beginning;

    /**
     * @param extensions of its files' names, with bars between; none if there is no usual one
     * @param beginning expression for its first bytes, a character each
     */
    ForeignFormat(String found, String expected, String extensions, String beginning) {
        this.found = found;
        this.expected = expected;
        this.name = Pattern.compile("(?i).*\\.(" + extensions + ")");
        this.beginning = Pattern.compile(beginning);
    }

    /**
     * What a file that is no safetensors file is, by its first bytes or else its name.
     *
     * @param bytes all of them
     */
    static Optional<ForeignFormat> of(Path file, MemorySegment bytes) {
        String first = new String(bytes.asSlice(0, Math.min(bytes.byteSize(), LONGEST_BEGINNING))
                .toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        return Arrays.stream(values()).filter(format -> format.beginning.matcher(first).lookingAt()).findFirst()
                .or(() -> named(file));
    }

    /** What a file is by its name. */
    static Optional<ForeignFormat> named(Path file) {
        return Arrays.stream(values()).filter(format -> format.name.matcher(file.getFileName().toString()).matches())
                .findFirst();
    }

    /** Whether it holds weights. */
    boolean hasWeights() {
        return this == GGUF || this == PYTORCH || this == HDF5;
    }

    /** What it is called. */
    String found() {
        return found;
    }

    /** What is needed in its place. */
    String expected() {
        return expected;
    }

    /** The complaint about a file. */
    CheckpointException at(Path file) {
        return new CheckpointException(file.toString(), found, expected);
    }
}
