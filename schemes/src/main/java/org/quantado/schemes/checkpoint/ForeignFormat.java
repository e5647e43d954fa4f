package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What is often taken for a safetensors file, and what to do instead. */
enum ForeignFormat {
    /** Of llama.cpp. */
    GGUF("a GGUF file (llama.cpp's format)", "safetensors, which GGUF cannot be turned back into: get the original"
            + " model, or one that llm-compressor has quantized", Set.of("gguf"), ascii("GGUF")),
    /** A zip archive of a pickle and its arrays, or a pickle alone. */
    PYTORCH("PyTorch's weights", "safetensors: get a newer upload of the model, or load it with transformers and save"
            + " it with save_pretrained, which writes them", Set.of("bin", "pt", "pth", "ckpt"), ascii("PK\3\4"),
            HexFormat.of().parseHex("8002"), HexFormat.of().parseHex("8004")),
    /** Of Keras and TensorFlow. */
    HDF5("an HDF5 file (Keras' and TensorFlow's weights)", "safetensors", Set.of("h5"),
            HexFormat.of().parseHex("894844460d0a")),
    /** What is in a git clone in place of a large file. */
    GIT_LFS("a Git LFS pointer in place of the file", "the file itself: run git lfs pull in its folder", Set.of(),
            ascii("version https://git-lfs")),
    /** What a server says that does not give the file. */
    WEB_PAGE("a web page", "a safetensors file: download it again, perhaps after logging in", Set.of(), ascii("<!"),
            ascii("<html")),
    /** A config or an index. */
    JSON("a JSON file", "a safetensors file, or the folder of a checkpoint", Set.of("json"), ascii("{"));

    private final String found;
    private final String expected;
    private final Set<String> extensions;
    private final byte[][] beginnings;

    ForeignFormat(String found, String expected, Set<String> extensions, byte[]... beginnings) {
        this.found = found;
        this.expected = expected;
        this.extensions = extensions;
        this.beginnings = beginnings;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * What a file that is no safetensors file is, by its first bytes.
     *
     * @param bytes all of them
     */
    static Optional<ForeignFormat> of(Path file, MemorySegment bytes) {
        return Arrays.stream(values())
                .filter(format -> Arrays.stream(format.beginnings).anyMatch(beginning -> begins(bytes, beginning)))
                .findFirst().or(() -> named(file));
    }

    /** What a file is by its name. */
    static Optional<ForeignFormat> named(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String extension = name.substring(name.lastIndexOf('.') + 1);
        return Arrays.stream(values()).filter(format -> format.extensions.contains(extension)).findFirst();
    }

    private static boolean begins(MemorySegment bytes, byte[] beginning) {
        return bytes.byteSize() >= beginning.length
                && Arrays.equals(bytes.asSlice(0, beginning.length).toArray(ValueLayout.JAVA_BYTE), beginning);
    }

    /** Whether it holds weights. */
    boolean hasWeights() {
        return !extensions.isEmpty() && this != JSON;
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
