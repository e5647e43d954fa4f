package org.quantado.cli.bench;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * A text file that is written whole or not at all: it replaces what was there in one step.
 *
 * @param path where it will be
 */
record WholeFile(Path path) {
    /**
     * A file that can be written, as far as that can be told before.
     *
     * @throws IOException if its folder does not exist or may not be written to, or it is a folder itself
     */
    static WholeFile of(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(path)) {
            throw new FileSystemException(path.toString(), null, "is a folder, expected a file");
        }
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
        if (!Files.isWritable(folder)) {
            throw new FileSystemException(folder.toString(), null, "cannot be written to");
        }
        return new WholeFile(path);
    }

    void write(String text) throws IOException {
        Path partial = path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID() + ".partial");
        try {
            Files.writeString(partial, text);
            Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }
}
