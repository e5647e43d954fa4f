package org.quantado.schemes.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Says what may have been meant by a path that leads nowhere. */
final class Missing {
    /** A model as it is called on Hugging Face. */
    private static final Pattern MODEL_ID = Pattern.compile("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*");

    private Missing() {
    }

    /** There is no such safetensors file. */
    static CheckpointException file(Path path) {
        return new CheckpointException(path.toString(), "no such file", "a safetensors file" + near(path));
    }

    /** There is neither such a folder nor such a file. */
    static CheckpointException checkpoint(Path path) {
        boolean isModelId = MODEL_ID.matcher(path.toString()).matches() && !Files.exists(path.getParent());
        String expected = "the folder of a checkpoint or a safetensors file";
        return new CheckpointException(path.toString(), "no such file or folder",
                expected + (isModelId ? aboutModel(path) : near(path)));
    }

    private static String aboutModel(Path id) {
        return ModelCache.snapshotOf(id.toString()).map(folder -> "; the model of this name is in " + folder)
                .orElseGet(() -> "; if it is a model on Hugging Face, download it first: hf download " + id
                        + " --local-dir " + id.getFileName());
    }

    /** What is in a folder, by name; nothing where it cannot be read. */
    static List<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The path with its first name that is not there mended, if something is called nearly so. */
    private static String near(Path path) {
        Path missing = path.toAbsolutePath();
        while (missing.getParent() != null && !Files.exists(missing.getParent())) {
            missing = missing.getParent();
        }
        Path parent = missing.getParent();
        if (parent == null) {
            return "";
        }
        List<String> names = children(parent).stream().map(child -> child.getFileName().toString()).toList();
        return NearNames.meant(missing.getFileName().toString(), names)
                .map(name -> "; did you mean " + CheckpointException.quote(parent.resolve(name).toString()) + "?")
                .orElse("");
    }
}
