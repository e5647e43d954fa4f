package org.quantado.schemes.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Room on disks. */
public final class DiskSpace {
    private DiskSpace() {
    }

    /**
     * Makes sure that there is room for a file or folder that does not exist yet.
     *
     * @param target in a folder that exists
     * @throws IOException if there is not, with what is free and what it takes
     */
    public static void require(Path target, long bytes) throws IOException {
        long free = Files.getFileStore(target.toAbsolutePath().getParent()).getUsableSpace();
        if (free < bytes) {
            throw new IOException(target + ": found " + ByteSize.text(free) + " free on the disk, expected "
                    + ByteSize.text(bytes));
        }
    }
}
