package org.quantado.schemes.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

import org.quantado.schemes.hub.ModelCache;

/**
 * A folder that is no checkpoint, and what to do instead.
 *
 * @param path of the folder
 * @param found what it is
 * @param expected what is needed in its place
 */
record OtherFolder(Path path, String found, String expected) {
    private static final String CHECKPOINT = Checkpoint.SINGLE_FILE_NAME + " or " + Checkpoint.INDEX_FILE_NAME;

    /** Looks at what is in it. */
    static OtherFolder of(Path path) {
        if (!Files.isReadable(path) || !Files.isExecutable(path)) {
            return new OtherFolder(path, "no permission to read the folder", "a folder that can be read");
        }
        List<Path> children = Missing.children(path);
        return cache(path).or(() -> tensors(path, children)).or(() -> otherWeights(path, children))
                .or(() -> folderAbove(path, children))
                .orElseGet(() -> new OtherFolder(path, children.isEmpty() ? "an empty folder" : "neither of the two",
                        CHECKPOINT + ModelCache.completion(path).map(advice -> "; " + advice).orElse("")));
    }

    private static Optional<OtherFolder> cache(Path path) {
        Optional<Path> snapshot = ModelCache.latestSnapshot(path);
        if (snapshot.isPresent()) {
            return Optional.of(new OtherFolder(path, "the cache folder of a model, above its snapshots",
                    "a snapshot: " + snapshot.get()));
        }
        return ModelCache.models(path).stream().map(ModelCache::latestSnapshot).flatMap(Optional::stream)
                .findFirst().map(model -> new OtherFolder(path, "a cache of models", "one of them, such as " + model));
    }

    /** Safetensors that are called otherwise, or parts of a checkpoint whose index is missing. */
    private static Optional<OtherFolder> tensors(Path path, List<Path> children) {
        return summary(children, child -> child.getFileName().toString().endsWith(".safetensors"))
                .map(names -> new OtherFolder(path, "safetensors under other names (" + names + ")",
                        CHECKPOINT + "; a file by itself can be given in place of the folder"));
    }

    private static Optional<OtherFolder> otherWeights(Path path, List<Path> children) {
        for (ForeignFormat format : ForeignFormat.values()) {
            Optional<String> names = summary(children,
                    child -> format.hasWeights() && ForeignFormat.named(child).equals(Optional.of(format)));
            if (names.isPresent()) {
                return Optional.of(new OtherFolder(path, format.found() + " (" + names.get() + ")",
                        format.expected()));
            }
        }
        return Optional.empty();
    }

    private static Optional<OtherFolder> folderAbove(Path path, List<Path> children) {
        return summary(children, OtherFolder::isCheckpoint).map(
                names -> new OtherFolder(path, "a folder above checkpoints (" + names + ")", "one of them"));
    }

    private static boolean isCheckpoint(Path folder) {
        return Files.exists(folder.resolve(Checkpoint.INDEX_FILE_NAME))
                || Files.exists(folder.resolve(Checkpoint.SINGLE_FILE_NAME));
    }

    /** The first name, and how many more there are. */
    private static Optional<String> summary(List<Path> children, Predicate<Path> wanted) {
        List<String> names = children.stream().filter(wanted)
                .map(child -> CheckpointException.shorten(child.getFileName().toString())).toList();
        return names.stream().findFirst()
                .map(first -> names.size() == 1 ? first : first + " and " + (names.size() - 1) + " more");
    }

    /** The complaint. */
    CheckpointException toException() {
        return new CheckpointException(path.toString(), found, expected);
    }
}
