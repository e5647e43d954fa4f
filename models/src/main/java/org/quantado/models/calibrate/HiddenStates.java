package org.quantado.models.calibrate;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.quantado.schemes.checkpoint.DiskSpace;

/**
 * The states of all samples between two layers, in binary32, in a file that is mapped: as much of it is in memory as the
 * system has room for. A file appears complete or not at all.
 */
final class HiddenStates implements AutoCloseable {
    private final int[] lengths;
    private final long[] offsets;
    private final int hidden;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment states;

    private HiddenStates(int[] lengths, int hidden, Path file, FileChannel.MapMode mode, FileChannel channel)
            throws IOException {
        this.lengths = lengths;
        this.hidden = hidden;
        this.offsets = offsets(lengths, hidden);
        try {
            this.states = channel.map(mode, 0, offsets[lengths.length], arena);
        } catch (IOException e) {
            arena.close();
            throw new IOException(file + ": cannot be mapped (" + e.getMessage() + ")", e);
        }
    }

    private static long[] offsets(int[] lengths, int hidden) {
        long[] offsets = new long[lengths.length + 1];
        for (int sample = 0; sample < lengths.length; sample++) {
            offsets[sample + 1] = offsets[sample] + (long) lengths[sample] * hidden * Float.BYTES;
        }
        return offsets;
    }

    private static Path file(Path folder, int layer) {
        return folder.resolve(String.format(Locale.ROOT, "states-%05d.f32", layer));
    }

    private static int[] lengths(List<int[]> samples) {
        return samples.stream().mapToInt(ids -> ids.length).toArray();
    }

    /** Whether the states before a layer are complete. */
    static boolean areBefore(int layer, Path folder) {
        return Files.exists(file(folder, layer));
    }

    /** Opens the states before a layer. */
    static HiddenStates before(int layer, Path folder, List<int[]> samples, int hidden) throws IOException {
        Path file = file(folder, layer);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new HiddenStates(lengths(samples), hidden, file, FileChannel.MapMode.READ_ONLY, channel);
        }
    }

    /** Writes states. */
    @FunctionalInterface
    interface Writer {
        /** Writes all of them. */
        void write(HiddenStates states);
    }

    /** Makes the states before a layer; those before the layer before it go. */
    static void make(int layer, Path folder, List<int[]> samples, int hidden, Writer writer) throws IOException {
        Path file = file(folder, layer);
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        Files.deleteIfExists(partial);
        DiskSpace.require(partial, offsets(lengths(samples), hidden)[samples.size()]);
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
                HiddenStates states = new HiddenStates(lengths(samples), hidden, partial,
                        FileChannel.MapMode.READ_WRITE, channel)) {
            writer.write(states);
            states.states.force();
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        for (int earlier = layer - 1; earlier >= 0 && Files.deleteIfExists(file(folder, earlier)); earlier--) {
            // one is there, after an interruption two
        }
    }

    /** Room for as many states, in a file that has no name any more. */
    HiddenStates scratch(Path folder, String name) throws IOException {
        Path file = folder.resolve(name + ".f32");
        Files.deleteIfExists(file);
        DiskSpace.require(file, offsets[lengths.length]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            return new HiddenStates(lengths, hidden, file, FileChannel.MapMode.READ_WRITE, channel);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Tokens of the longest sample. */
    int longest() {
        return Arrays.stream(lengths).max().orElse(0);
    }

    /** {@code [length, H]} of a sample. */
    MemorySegment of(int sample) {
        return states.asSlice(offsets[sample], offsets[sample + 1] - offsets[sample]);
    }

    /** Tokens of a sample. */
    int length(int sample) {
        return lengths[sample];
    }

    /** How many samples there are. */
    int samples() {
        return lengths.length;
    }

    /** H. */
    int hidden() {
        return hidden;
    }

    @Override
    public void close() {
        arena.close();
    }
}
