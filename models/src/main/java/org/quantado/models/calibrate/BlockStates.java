package org.quantado.models.calibrate;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * States of the samples of a block between two layers, in binary32, in a file that is mapped: as much of it is in memory as
 * the system has room for.
 */
final class BlockStates implements AutoCloseable {
    private final SampleBlocks blocks;
    private final int block;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment states;

    private BlockStates(SampleBlocks blocks, int block, Path file, FileChannel.MapMode mode, FileChannel channel)
            throws IOException {
        this.blocks = blocks;
        this.block = block;
        try {
            this.states = channel.map(mode, 0, blocks.stateBytes(block), arena);
        } catch (IOException e) {
            arena.close();
            throw new IOException(file + ": cannot be mapped (" + e.getMessage() + ")", e);
        }
    }

    /** The name of the file of a block's states before a layer. */
    static String name(int layer, int block) {
        return String.format(Locale.ROOT, "states-%05d-%02d.f32", layer, block);
    }

    /**
     * Opens states.
     *
     * @throws IOException if they are not there, or not all of them
     */
    static BlockStates open(Path file, SampleBlocks blocks, int block) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() != blocks.stateBytes(block)) {
                throw new IOException(file + ": found " + channel.size() + " bytes, expected "
                        + blocks.stateBytes(block) + "; after deleting the file, the same command makes it again");
            }
            return new BlockStates(blocks, block, file, FileChannel.MapMode.READ_ONLY, channel);
        }
    }

    /** Makes room for states that are to be written. */
    static BlockStates create(Path file, SampleBlocks blocks, int block) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            return new BlockStates(blocks, block, file, FileChannel.MapMode.READ_WRITE, channel);
        }
    }

    /** {@code [length, H]} of a sample of the block, by its number among all samples. */
    MemorySegment of(int sample) {
        long from = 0;
        for (int earlier = blocks.first(block); earlier < sample; earlier++) {
            from += bytes(earlier);
        }
        return states.asSlice(from, bytes(sample));
    }

    private long bytes(int sample) {
        return (long) blocks.length(sample) * blocks.hidden() * Float.BYTES;
    }

    /** Brings what was written to the disk. */
    void force() {
        states.force();
    }

    @Override
    public void close() {
        arena.close();
    }
}
