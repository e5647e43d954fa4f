package org.quantado.schemes.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.quantado.schemes.hub.ModelCache;

/** Says what may have been meant by a path that leads nowhere. */
final class Missing {
    private Missing() {
    }

    /** There is no such safetensors file. */
    static CheckpointException file(Path path) {
        return new CheckpointException(path.toString(), "no such file", "a safetensors file" + near(path));
    }

    /** There is neither such a folder nor such a file. */
    static CheckpointException checkpoint(Path path) {
        return new CheckpointException(path.toString(), "no such file or folder",
                "the folder of a checkpoint, a safetensors file or the id of a model in the cache"
                        + ModelCache.advice(path).map(advice -> "; " + advice).orElseGet(() -> near(path)));
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
