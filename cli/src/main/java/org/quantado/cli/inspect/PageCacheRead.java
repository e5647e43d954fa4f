package org.quantado.cli.inspect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** How fast this machine reads files that are in its page cache: with all processors, portion by portion. */
final class PageCacheRead {
    /** Stays in a processor's cache, and is large enough for the calls not to count. */
    private static final int PORTION = 1 << 20;
    private static final int ROUNDS = 3;
    private static final double NANOS = 1e9;

    private PageCacheRead() {
    }

    /** Bytes per second of the best of some rounds over all bytes of the files, after one that brings them in. */
    static double bytesPerSecond(List<Path> files) throws IOException {
        double best = 0;
        for (int round = 0; round <= ROUNDS; round++) {
            long bytes = 0;
            long start = System.nanoTime();
            for (Path file : files) {
                bytes += read(file);
            }
            double rate = bytes / ((System.nanoTime() - start) / NANOS);
            best = round == 0 ? 0 : Math.max(best, rate);
        }
        return best;
    }

    private static long read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            ThreadLocal<ByteBuffer> buffers = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PORTION));
            return LongStream.range(0, Math.ceilDiv(size, PORTION)).parallel()
                    .map(portion -> read(channel, portion * PORTION, buffers.get())).sum();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static long read(FileChannel channel, long position, ByteBuffer buffer) {
        try {
            buffer.clear();
            int read;
            do {
                read = channel.read(buffer, position + buffer.position());
            } while (read > 0);
            return buffer.position();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
