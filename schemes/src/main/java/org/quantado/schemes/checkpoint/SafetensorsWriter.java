package org.quantado.schemes.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Writes a safetensors file, one tensor at a time, in any order, holding none of them.
 * <p>
 * The bytes go to a file of another name in the same folder, which takes the target's name in {@link #commit}, in
 * one step; until then, and after any failure, there is no target.
 *
 * <pre>{@code
 * try (SafetensorsWriter writer = SafetensorsWriter.create(target, layout)) {
 *     writer.write("weight", bytes);
 *     writer.commit();
 * }
 * }</pre>
 */
public final class SafetensorsWriter implements AutoCloseable {
    /** Bytes that are copied and handed to the channel at once. */
    private static final int PORTION = 1 << 20;

    private final Path target;
    private final Path partial;
    private final FileChannel channel;
    private final Map<String, TensorInfo> tensors;
    private final long dataStart;
    private final boolean replaces;
    private final Set<String> missing;
    private final ByteBuffer portion = ByteBuffer.allocateDirect(PORTION);

    private SafetensorsWriter(Path target, Path partial, FileChannel channel, Map<String, TensorInfo> tensors,
            long dataStart, boolean replaces) {
        this.target = target;
        this.partial = partial;
        this.channel = channel;
        this.tensors = tensors;
        this.dataStart = dataStart;
        this.replaces = replaces;
        this.missing = new HashSet<>(tensors.keySet());
    }

    /**
     * Begins a file: reserves a name and writes the header.
     *
     * @param target the file to be, in a folder that exists
     * @param layout what it will hold
     * @throws FileAlreadyExistsException if there is such a file
     * @throws IOException if there is not enough room on the disk, or the folder cannot be written to
     */
    public static SafetensorsWriter create(Path target, SafetensorsLayout layout) throws IOException {
        requireAbsent(target);
        return begin(target, layout, false);
    }

    /** As {@link #create}; a file of that name is replaced in {@link #commit}. */
    public static SafetensorsWriter createOrReplace(Path target, SafetensorsLayout layout) throws IOException {
        return begin(target, layout, true);
    }

    /**
     * Begins a file in its place, or goes on with one that was begun: it is there from now on, and stays, whatever
     * happens. Which of its tensors are whole is for the caller to know, by {@link #checksum}, and to {@link #keep}.
     *
     * @throws IOException if the disk refuses
     */
    public static SafetensorsWriter beginOrContinue(Path target, SafetensorsLayout layout) throws IOException {
        FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        SafetensorsWriter writer = begin(target, target, channel, layout, true);
        channel.truncate(writer.dataStart + layout.dataSize());
        return writer;
    }

    private static SafetensorsWriter begin(Path target, SafetensorsLayout layout, boolean replaces)
            throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        DiskSpace.require(target, layout.dataSize());
        Path partial = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".partial");
        FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return begin(target, partial, channel, layout, replaces);
    }

    private static SafetensorsWriter begin(Path target, Path partial, FileChannel channel, SafetensorsLayout layout,
            boolean replaces) throws IOException {
        Map<String, TensorInfo> tensors = layout.placed();
        byte[] header = layout.header(tensors);
        SafetensorsWriter writer = new SafetensorsWriter(target, partial, channel, tensors,
                SafetensorsFile.LENGTH_BYTES + header.length, replaces);
        writer.writeHeader(header);
        return writer;
    }

    private static void requireAbsent(Path target) throws FileAlreadyExistsException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString(), null, "it exists and is not overwritten");
        }
    }

    private void writeHeader(byte[] header) throws IOException {
        try {
            ByteBuffer start = ByteBuffer.allocate(SafetensorsFile.LENGTH_BYTES + header.length)
                    .order(ByteOrder.LITTLE_ENDIAN);
            start.putLong(header.length).put(header).flip();
            writeFully(start, 0);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** The tensors of the layout where they lie in the file, by name, in the order of the data. */
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    /** Names of the tensors that are still to be written. */
    public Set<String> missing() {
        return Collections.unmodifiableSet(missing);
    }

    /**
     * Writes the bytes of one tensor.
     *
     * @param name one of the layout's, not written before
     * @param bytes all its elements in row-major order, little-endian
     * @throws IllegalArgumentException if the layout has no such tensor, or one of another size
     * @throws IOException if the disk refuses, for example because it is full
     */
    public void write(String name, MemorySegment bytes) throws IOException {
        TensorInfo tensor = tensors.get(name);
        if (tensor == null || !missing.contains(name)) {
            throw new IllegalArgumentException("tensor " + name + " is "
                    + (tensor == null ? "not in the layout" : "already written") + " of " + target);
        }
        if (bytes.byteSize() != tensor.byteSize()) {
            throw new IllegalArgumentException(
                    "tensor " + name + " " + tensor.dtype() + " " + tensor.shape() + " of "
                            + target + " takes " + tensor.byteSize() + " bytes, not " + bytes.byteSize());
        }
        for (long done = 0; done < bytes.byteSize(); done += PORTION) {
            portion.clear().limit((int) Math.min(PORTION, bytes.byteSize() - done));
            MemorySegment.ofBuffer(portion).copyFrom(bytes.asSlice(done, portion.remaining()));
            writeFully(portion, dataStart + tensor.offset() + done);
        }
        missing.remove(name);
    }

    /**
     * CRC-32C of a tensor as it lies in a file that is gone on with; of a tensor that was not written, of whatever is
     * there.
     *
     * @throws IOException if the disk refuses
     */
    public long checksum(String name) throws IOException {
        TensorInfo tensor = tensors.get(name);
        CRC32C checksum = new CRC32C();
        long at = dataStart + tensor.offset();
        long end = dataStart + tensor.end();
        while (at < end) {
            portion.clear().limit((int) Math.min(PORTION, end - at));
            int read = channel.read(portion, at);
            if (read < 0) {
                break;
            }
            checksum.update(portion.flip());
            at += read;
        }
        return checksum.getValue();
    }

    /** Takes a tensor as it lies in a file that is gone on with. */
    public void keep(String name) {
        missing.remove(name);
    }

    private void writeFully(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        try {
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        } catch (IOException e) {
            throw new IOException(target + ": cannot be written (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Makes the file appear, complete and on the disk.
     *
     * @throws IllegalStateException if a tensor was not written
     * @throws FileAlreadyExistsException if there is such a file by now
     * @throws IOException if the disk refuses
     */
    public void commit() throws IOException {
        if (!missing.isEmpty()) {
            throw new IllegalStateException(target + " still lacks " + missing.size() + " tensors, such as "
                    + missing.iterator().next());
        }
        channel.force(true);
        channel.close();
        if (isInPlace()) {
            return;
        }
        if (!replaces) {
            requireAbsent(target);
        }
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private boolean isInPlace() {
        return partial.equals(target);
    }

    /** Ends the writing; what was not committed is deleted, unless it was begun in its place. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!isInPlace()) {
            Files.deleteIfExists(partial);
        }
    }
}
