package org.quantado.schemes.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The cache in which Hugging Face's tools keep models, and what to do about those that are not in it. */
public final class ModelCache {
    private ModelCache() {
    }

    /**
     * Where a model is: the path itself where it leads somewhere, else the snapshot of the model whose id it is.
     *
     * @param model a path, or {@code org/name} or {@code org/name@revision}
     * @return nothing if there is neither
     */
    public static Optional<Path> find(Path model) {
        return find(model, HubEnvironment.system());
    }

    static Optional<Path> find(Path model, HubEnvironment environment) {
        return Files.exists(model)
                ? Optional.of(model)
                : ModelId.of(model).flatMap(id -> new CachedModel(environment.cache(), id).snapshot());
    }

    /** What to do to have a model whose id a path may be; nothing if it is more likely the path of something else. */
    public static Optional<String> advice(Path model) {
        return advice(model, HubEnvironment.system());
    }

    static Optional<String> advice(Path model, HubEnvironment environment) {
        return ModelId.of(model).filter(ModelId::hasOrganization)
                .filter(id -> !Files.exists(model.toAbsolutePath().getParent()))
                .map(id -> advice(new CachedModel(environment.cache(), id)));
    }

    private static String advice(CachedModel model) {
        List<String> others = model.revisions();
        return "quantado download " + model.id() + " brings a model of Hugging Face into the cache " + model.cache()
                + (others.isEmpty() ? "" : ", which has other revisions of it: " + String.join(", ", others));
    }

    /** What to do to have the rest of a folder that lacks files; nothing if it is no snapshot of a cache. */
    public static Optional<String> completion(Path folder) {
        Path snapshot = folder.toAbsolutePath();
        if (snapshot.getNameCount() < 3 || !snapshot.getParent().endsWith(CachedModel.SNAPSHOTS)) {
            return Optional.empty();
        }
        Path model = snapshot.getParent().getParent();
        if (!ModelId.isFolderName(model.getFileName().toString())) {
            return Optional.empty();
        }
        ModelId id = ModelId.ofFolderName(model.getFileName().toString());
        boolean isMain = new CachedModel(model.getParent(), id).snapshot().equals(Optional.of(snapshot));
        return Optional.of("quantado download " + (isMain ? id : id.at(snapshot.getFileName().toString()))
                + " fetches what is missing");
    }

    /** The newest snapshot in a model's folder. */
    public static Optional<Path> latestSnapshot(Path folder) {
        return children(folder.resolve(CachedModel.SNAPSHOTS)).stream().filter(Files::isDirectory)
                .max(Comparator.comparing(snapshot -> snapshot.toFile().lastModified()));
    }

    /** The folders of models in a cache. */
    public static List<Path> models(Path cache) {
        return children(cache).stream().filter(child -> ModelId.isFolderName(child.getFileName().toString())).toList();
    }

    private static List<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
