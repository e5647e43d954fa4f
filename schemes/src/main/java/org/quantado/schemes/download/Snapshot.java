package org.quantado.schemes.download;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;

import org.quantado.schemes.hub.CachedModel;

/**
 * Makes a version of a model appear in the cache, whose blobs are all there: links to them, and then the name of its
 * branch or tag.
 *
 * @param model in the cache
 * @param commit of the version
 */
record Snapshot(CachedModel model, String commit) {

    /** Links the files and names the version; gives its folder. */
    Path complete(List<HubFile> files) throws IOException {
        Path folder = model.snapshot(commit);
        for (HubFile file : files) {
            Path pointer = folder.resolve(file.path());
            Files.createDirectories(pointer.getParent());
            link(pointer, model.blob(file.sum()));
        }
        if (!model.id().isCommit()) {
            Files.createDirectories(model.ref().getParent());
            Path temporary = beside(model.ref());
            Files.writeString(temporary, commit);
            Files.move(temporary, model.ref(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return folder;
    }

    private static void link(Path pointer, Path blob) throws IOException {
        if (leadsTo(pointer, blob)) {
            return;
        }
        Path temporary = beside(pointer);
        try {
            Files.createSymbolicLink(temporary, pointer.getParent().relativize(blob));
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // Windows allows symbolic links to some users only, and these to all
            Files.createLink(temporary, blob);
        }
        Files.move(temporary, pointer, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean leadsTo(Path pointer, Path blob) throws IOException {
        try {
            return Files.isSameFile(pointer, blob);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Path beside(Path file) {
        return file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }
}
