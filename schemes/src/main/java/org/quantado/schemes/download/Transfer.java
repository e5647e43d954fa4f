package org.quantado.schemes.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.hub.CachedModel;
import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;

/** Brings one file into the cache: the rest of it, if some of it is there. It gets its name when its checksum is right. */
final class Transfer {
    private static final int BUFFER_BYTES = 1 << 20;
    /** After so many new bytes a connection has been good for something, and the count of breaks begins anew. */
    private static final long GOOD_BYTES = 1 << 20;
    private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18})");

    private final HubClient client;
    private final Patience patience;
    private final CachedModel model;
    private final HubFile file;
    private final URI address;
    private final DownloadProgress progress;
    private final Path partial;

    /**
     * @param address of its bytes
     */
    Transfer(HubClient client, Patience patience, CachedModel model, HubFile file, URI address,
            DownloadProgress progress) {
        this.client = client;
        this.patience = patience;
        this.model = model;
        this.file = file;
        this.address = address;
        this.progress = progress;
        this.partial = model.partial(file.sum());
    }

    /** All bytes of the file. */
    long bytes() {
        return file.bytes();
    }

    /** Whether the file is there. */
    private boolean isDone() throws IOException {
        Path blob = model.blob(file.sum());
        return Files.isRegularFile(blob) && Files.size(blob) == file.bytes();
    }

    /** How many bytes of it are there. */
    long present() throws IOException {
        if (isDone()) {
            return file.bytes();
        }
        return Files.exists(partial) ? Math.min(Files.size(partial), file.bytes()) : 0;
    }

    /**
     * Fetches what is missing.
     *
     * @param counted bytes that the progress knows of
     * @return bytes that were fetched
     */
    long run(long counted) throws IOException {
        try (BlobLock _ = BlobLock.acquire(model.lock(file.sum()), progress::waiting)) {
            long present = present();
            progress.advance(present - counted);
            if (isDone()) {
                return 0;
            }
            long fetched = receive();
            String sum = file.checksum().of(partial);
            if (!sum.equals(file.sum()) && present > 0) {
                // what was there from before may be to blame
                Files.delete(partial);
                progress.advance(-file.bytes());
                fetched += receive();
                sum = file.checksum().of(partial);
            }
            requireRight(sum);
            Files.move(partial, model.blob(file.sum()), StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return fetched;
        }
    }

    private void requireRight(String sum) throws IOException {
        if (!sum.equals(file.sum())) {
            Files.delete(partial);
            throw new HubException(Reason.DAMAGED, model.id() + ", " + CheckpointException.quote(file.path())
                    + ": found " + file.checksum() + " " + sum + " of the bytes that came, expected " + file.sum());
        }
    }

    private long receive() throws IOException {
        try (FileChannel out = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (out.size() > file.bytes()) {
                out.truncate(0);
            }
            long begin = out.size();
            int failures = 0;
            while (out.size() < file.bytes()) {
                long before = out.size();
                BrokenConnection broken = append(out);
                failures = out.size() - before >= GOOD_BYTES ? 1 : failures + 1;
                if (out.size() < file.bytes()) {
                    if (failures >= patience.tries()) {
                        throw client.unreachable(broken);
                    }
                    client.pauseAfter(failures);
                }
            }
            out.force(true);
            return out.size() - begin;
        }
    }

    /** Adds what comes; if it breaks off, gives the reason. */
    private BrokenConnection append(FileChannel out) throws IOException {
        long there = out.size();
        HttpResponse<InputStream> answer = client.get(address, there, this::requireSame, some -> some);
        Origin server = Origin.of(answer.uri());
        try (InputStream in = client.bytes(answer)) {
            if (there > 0 && !continues(answer, there)) {
                out.truncate(0);
                progress.advance(-there);
                there = 0;
                if (answer.statusCode() == HubClient.NO_SUCH_RANGE) {
                    return new BrokenConnection(server, new IOException("no such range"));
                }
            }
            out.position(there);
            byte[] buffer = new byte[BUFFER_BYTES];
            while (true) {
                int read;
                try {
                    read = in.read(buffer);
                } catch (IOException e) {
                    return new BrokenConnection(server, e);
                }
                if (read < 0) {
                    return new BrokenConnection(server, new IOException("it ended early"));
                }
                there += read;
                if (there > file.bytes()) {
                    throw HubFile.refused(file.path(), "more bytes than that", file.bytes() + " as it is listed");
                }
                write(out, ByteBuffer.wrap(buffer, 0, read));
                progress.advance(read);
            }
        }
    }

    /** Whether an answer goes on where the bytes end that are there; one that begins anew is as good. */
    private boolean continues(HttpResponse<?> answer, long there) {
        if (answer.statusCode() != HubClient.PARTIAL) {
            return false;
        }
        Matcher range = RANGE.matcher(answer.headers().firstValue("Content-Range").orElse(""));
        if (!range.matches() || Long.parseLong(range.group(1)) != there
                || Long.parseLong(range.group(2)) != file.bytes()) {
            throw HubFile.refused(file.path(), "another range than the one that was asked for",
                    "bytes from " + there + " of " + file.bytes());
        }
        return true;
    }

    /** What the hub says beside a file is what it said in its listing. */
    private void requireSame(HttpHeaders headers) {
        headers.firstValue("X-Linked-Etag").map(etag -> etag.replaceAll("^W/|\"", ""))
                .filter(etag -> !etag.equals(file.sum())).ifPresent(etag -> {
                    throw HubFile.refused(file.path(), "ETag " + CheckpointException.quote(etag), file.sum());
                });
        headers.firstValue("X-Linked-Size").filter(size -> !size.equals(String.valueOf(file.bytes())))
                .ifPresent(size -> {
                    throw HubFile.refused(file.path(), CheckpointException.shorten(size) + " bytes",
                            file.bytes() + " as it is listed");
                });
    }

    private void write(FileChannel out, ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new IOException(partial + ": cannot be written (" + e.getMessage()
                    + "); what is there is kept, and the same command goes on from it", e);
        }
    }
}
