package org.quantado.schemes.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The cache of Hugging Face's tools: for each model a folder of blobs, and for each of its versions a snapshot, a folder
 * of links to them.
 */
public final class ModelCache {
    private static final String MODEL_PREFIX = "models--";
    private static final String SNAPSHOTS = "snapshots";
    private static final String MAIN = "refs/main";

    private ModelCache() {
    }

    /**
     * Where a model is, if the cache of this machine has it: the version that {@code main} was when it was downloaded
     * last, else the newest.
     *
     * @param modelId such as {@code org/name}
     */
    public static Optional<Path> snapshotOf(String modelId) {
        Path model = folder().resolve(MODEL_PREFIX + modelId.replace("/", "--"));
        return mainSnapshot(model).or(() -> latestSnapshot(model));
    }

    private static Optional<Path> mainSnapshot(Path model) {
        try {
            return Optional.of(model.resolve(SNAPSHOTS).resolve(Files.readString(model.resolve(MAIN)).strip()))
                    .filter(Files::isDirectory);
        } catch (IOException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Path folder() {
        return Optional.ofNullable(System.getenv("HF_HUB_CACHE")).map(Path::of)
                .or(() -> Optional.ofNullable(System.getenv("HF_HOME")).map(home -> Path.of(home, "hub")))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "huggingface", "hub"));
    }

    /** The newest snapshot of a model's folder. */
    static Optional<Path> latestSnapshot(Path model) {
        return Missing.children(model.resolve(SNAPSHOTS)).stream().filter(Files::isDirectory)
                .max(Comparator.comparing(snapshot -> snapshot.toFile().lastModified()));
    }

    /** The folders of models in a cache. */
    static List<Path> models(Path cache) {
        return Missing.children(cache).stream().filter(child -> child.getFileName().toString().startsWith(MODEL_PREFIX))
                .toList();
    }
}
