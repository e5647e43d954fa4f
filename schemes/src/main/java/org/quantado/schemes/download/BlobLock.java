package org.quantado.schemes.download;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;

/**
 * The right to fetch a blob, of one thread of one process at a time. The file that is locked stays, as huggingface_hub
 * leaves it, too.
 */
final class BlobLock implements AutoCloseable {
    private static final long POLL_MILLIS = 100;

    private final FileChannel channel;

    private BlobLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Waits for it.
     *
     * @param waiting run once, if somebody else has it
     */
    static BlobLock acquire(Path file, Runnable waiting) throws IOException {
        Files.createDirectories(file.getParent());
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!isLocked(channel)) {
                waiting.run();
                while (!isLocked(channel)) {
                    Thread.sleep(POLL_MILLIS);
                }
            }
            return new BlobLock(channel);
        } catch (InterruptedException e) {
            channel.close();
            Thread.currentThread().interrupt();
            throw new HubException(Reason.HINDERED, file + ": interrupted", e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
