package org.quantado.schemes.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;

/**
 * A mapped safetensors file.
 * <p>
 * Opening checks all that the format demands: the header's length and JSON, every tensor's type, shape and
 * offsets, and that the tensors cover the data exactly once.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
 */
public final class SafetensorsFile implements AutoCloseable {
    /** The file begins with the header's length, a little-endian unsigned 64-bit integer. */
    static final int LENGTH_BYTES = Long.BYTES;
    /** The longest header that the format's reference implementation reads. */
    static final long LONGEST_HEADER = 100_000_000;

    private static final ValueLayout.OfLong LE_LONG = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Arena arena;
    private final MemorySegment buffer;
    private final SafetensorsHeader header;

    private SafetensorsFile(Path path, Arena arena, MemorySegment buffer, SafetensorsHeader header) {
        this.path = path;
        this.arena = arena;
        this.buffer = buffer;
        this.header = header;
    }

    /**
     * Maps a file and checks its header.
     *
     * @throws CheckpointException if it cannot be read or breaks a rule of the format
     */
    public static SafetensorsFile open(Path path) {
        if (!Files.exists(path)) {
            throw Missing.file(path);
        }
        if (!Files.isRegularFile(path)) {
            throw new CheckpointException(path.toString(), "something that is not a regular file",
                    "a safetensors file");
        }
        Arena arena = Arena.ofShared();
        try {
            return map(path, arena);
        } catch (IOException e) {
            arena.close();
            throw unreadable(path, e);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static SafetensorsFile map(Path path, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < LENGTH_BYTES) {
                throw new CheckpointException(path, "header length", "a file of " + size + " bytes",
                        "at least the " + LENGTH_BYTES + " bytes of the header length");
            }
            MemorySegment whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            long length = whole.get(LE_LONG, 0);
            long rest = size - LENGTH_BYTES;
            if (length < 0 || length > rest || length > LONGEST_HEADER) {
                ForeignFormat.of(path, whole).ifPresent(format -> {
                    throw format.at(path);
                });
                throw new CheckpointException(path, "header length", Long.toUnsignedString(length) + " bytes",
                        "at most " + Math.min(rest, LONGEST_HEADER)
                                + (rest <= LONGEST_HEADER ? ", what the file still holds" : ""));
            }
            MemorySegment headerBytes = whole.asSlice(LENGTH_BYTES, length);
            MemorySegment buffer = whole.asSlice(LENGTH_BYTES + length);
            SafetensorsHeader header = SafetensorsHeader.parse(path, headerBytes, buffer.byteSize());
            return new SafetensorsFile(path, arena, buffer, header);
        }
    }

    static CheckpointException unreadable(Path path, IOException cause) {
        String found = switch (cause) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "no permission to read it";
            case FileSystemException e when e.getReason() != null -> CheckpointException.shorten(e.getReason());
            default -> cause.getMessage() == null
                    ? "that it cannot be read"
                    : CheckpointException.shorten(cause.getMessage());
        };
        return new CheckpointException(path.toString(), found, "a file that can be read").causedBy(cause);
    }

    /** The file itself. */
    public Path path() {
        return path;
    }

    /** What the header says of each tensor, in the order of the data. */
    public Collection<TensorInfo> tensors() {
        return Collections.unmodifiableCollection(header.tensors().values());
    }

    /** The header's own notes, such as {@code format: pt}. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** Whether it has a tensor of this name. */
    public boolean contains(String name) {
        return header.tensors().containsKey(name);
    }

    /** What the header says of the tensor of this name, if there is one. */
    public Optional<TensorInfo> info(String name) {
        return Optional.ofNullable(header.tensors().get(name));
    }

    /** The tensor of this name, if there is one. */
    public Optional<Tensor> find(String name) {
        return info(name).map(info -> new Tensor(path, info, buffer.asSlice(info.offset(), info.byteSize())));
    }

    /**
     * The tensor of this name.
     *
     * @throws CheckpointException if there is none, with names like it
     */
    public Tensor tensor(String name) {
        return find(name).orElseThrow(() -> NearNames.missing(path, name, header.tensors().keySet()));
    }

    /** Unmaps the file; its tensors can no longer be read. */
    @Override
    public void close() {
        arena.close();
    }
}
