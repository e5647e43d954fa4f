package org.quantado.schemes.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model's place in a cache, whether it is there or not. Its files are blobs, named as the hub's ETag names them; each
 * version of the model is a snapshot, a folder of links to blobs, named as its commit; and for each branch or tag that was
 * asked for a file in refs names the commit that it was then.
 *
 * @param cache folder of the cache
 * @param id the model
 */
public record CachedModel(Path cache, ModelId id) {
    static final String SNAPSHOTS = "snapshots";
    private static final String REFS = "refs";
    /**
     * The hub's own client would call it {@code .incomplete}, and older ones append to that, with locks that Java does not
     * see: so this one has a name of its own, which those tools still take for what it is.
     */
    private static final String PARTIAL = ".quantado.incomplete";

    /** The folder that has all of it. */
    public Path folder() {
        return cache.resolve(id.folderName());
    }

    /** The folder of all blobs. */
    public Path blobs() {
        return folder().resolve("blobs");
    }

    /** A file of the model, whole. */
    public Path blob(String name) {
        return blobs().resolve(name);
    }

    /** A file of the model, as far as it has come. */
    public Path partial(String name) {
        return blobs().resolve(name + PARTIAL);
    }

    /** The file that is locked by who fetches a blob. */
    public Path lock(String name) {
        return cache.resolve(".locks").resolve(id.folderName()).resolve(name + ".lock");
    }

    /** The folder of a version. */
    public Path snapshot(String commit) {
        return folder().resolve(SNAPSHOTS).resolve(commit);
    }

    /** The file that names the commit of the revision. */
    public Path ref() {
        return folder().resolve(REFS).resolve(id.revision());
    }

    /** The folder of the revision, if it is in the cache. */
    public Optional<Path> snapshot() {
        return Stream.of(refersTo(), Optional.of(id.revision())).flatMap(Optional::stream)
                .filter(commit -> commit.matches("[0-9a-f]+")).map(this::snapshot).filter(Files::isDirectory)
                .findFirst();
    }

    private Optional<String> refersTo() {
        try {
            return Optional.of(Files.readString(ref()).strip());
        } catch (IOException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Revisions that are in the cache, by name. */
    public List<String> revisions() {
        Path refs = folder().resolve(REFS);
        if (!Files.isDirectory(refs)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(refs)) {
            return files.filter(Files::isRegularFile).map(file -> refs.relativize(file).toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
