package org.quantado.schemes.quantize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.quantado.schemes.checkpoint.JsonFile;

/**
 * A checkpoint that is not complete yet, in the folder {@code OUT.partial} beside the one it will become.
 * <p>
 * Inside, {@code checkpoint} is what will be renamed; beside it lie the settings of the quantization, the
 * {@link Journal} of what is finished, {@code calibration}, where a {@link Calibrator} works, and what other processes make
 * where there are some. Whoever comes back after a crash with the same settings goes on where it was
 * left; where no layer was finished yet, other settings will do, too. One process at a time works on it, for as long as
 * it is open.
 */
final class PartialOutput implements AutoCloseable {
    private static final String SUFFIX = ".partial";
    private static final String SETTINGS = "settings.json";
    private static final String LOCK = "lock";
    private static final String CHECKPOINT = "checkpoint";
    private static final String JOURNAL = "finished.jsonl";
    private static final String CALIBRATION = "calibration";
    private static final String PARTS = "parts";
    private static final String SHARDS = "shards";
    /** How often a folder is deleted in which somebody writes at that moment. */
    private static final int DELETIONS = 100;
    /** What there is before the settings are. */
    private static final Set<String> BEFORE_SETTINGS = Set.of(LOCK, SETTINGS + SUFFIX);

    private final Path target;
    private final Path folder;
    private final FileChannel lock;
    private final Journal journal;

    private PartialOutput(Path target, Path folder, FileChannel lock, Journal journal) {
        this.target = target;
        this.folder = folder;
        this.lock = lock;
        this.journal = journal;
    }

    /** The folder that the parts of a checkpoint are in until it is complete. */
    static Path folderOf(Path target) {
        return target.resolveSibling(target.getFileName() + SUFFIX);
    }

    /** The real path of the output, which touches neither the input nor anything that exists. */
    static Path requireFree(Path source, Path out) throws IOException {
        Path parent = out.toAbsolutePath().normalize().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new QuantizeException(out + ": found no folder to create it in, expected one");
        }
        Path target = parent.toRealPath().resolve(out.toAbsolutePath().normalize().getFileName());
        Path partial = folderOf(target);
        if (target.startsWith(source) || partial.startsWith(source) || source.startsWith(partial)) {
            throw new QuantizeException(out + ": found the input or a folder in it, expected a folder outside of "
                    + source);
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new QuantizeException(out + ": it exists and is not overwritten");
        }
        return target;
    }

    /**
     * What an earlier attempt has finished, before anything is opened or made.
     *
     * @throws IOException if the disk refuses
     */
    static Journal journalOf(Path target) throws IOException {
        return Journal.read(folderOf(target).resolve(JOURNAL));
    }

    /**
     * Begins, or goes on with what was begun.
     *
     * @param target the folder to be, which does not exist, in one that does
     * @param settings all that the output depends on
     * @throws QuantizeException if something else was begun there, or another process is at it
     * @throws IOException if the disk refuses
     */
    static PartialOutput open(Path target, ObjectNode settings) throws IOException {
        Path folder = folderOf(target);
        Files.createDirectories(folder);
        requireOurs(folder);
        FileChannel lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            requireAlone(folder, lock);
            requireSame(folder, settings);
            Files.createDirectories(folder.resolve(CHECKPOINT));
            return new PartialOutput(target, folder, lock, journalOf(target));
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** A folder of this name that is not from here is left alone. */
    private static void requireOurs(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(file -> file.getFileName().toString()).toList();
            if (!names.contains(SETTINGS) && !BEFORE_SETTINGS.containsAll(names)) {
                throw new QuantizeException(folder + ": found a folder with something else in it, expected none, or"
                        + " the beginning of this quantization");
            }
        }
    }

    private static void requireAlone(Path folder, FileChannel lock) throws IOException {
        boolean alone;
        try {
            alone = lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            alone = false;
        }
        if (!alone) {
            throw new QuantizeException(folder + ": somebody else is writing there");
        }
    }

    private static void requireSame(Path folder, ObjectNode settings) throws IOException {
        Path file = folder.resolve(SETTINGS);
        Path journal = folder.resolve(JOURNAL);
        boolean hasLayers = Journal.read(journal).hasLayers() || FinishedLayers.areIn(folder.resolve(CALIBRATION));
        if (!Files.exists(file) || !hasLayers) {
            Files.deleteIfExists(journal);
            for (String made : List.of(CHECKPOINT, CALIBRATION, PARTS, SHARDS)) {
                delete(folder.resolve(made));
            }
            write(file, settings);
            return;
        }
        ObjectNode begun = JsonFile.readObject(file);
        List<String> different = new ArrayList<>();
        settings.fieldNames().forEachRemaining(name -> {
            if (!settings.get(name).toString().equals(String.valueOf(begun.get(name)))) {
                different.add(name);
            }
        });
        if (!different.isEmpty()) {
            throw new QuantizeException(folder + ": found the beginning of a quantization with another "
                    + String.join(", ", different) + ", expected the same settings; delete it to begin anew");
        }
    }

    /** Deletes a folder of ours and all that is in it, also what a process still adds that was told to stop. */
    private static void delete(Path folder) throws IOException {
        for (int left = DELETIONS; Files.exists(folder); left--) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            } catch (DirectoryNotEmptyException | UncheckedIOException e) {
                if (left == 1) {
                    throw new IOException(folder + ": cannot be deleted, something is written there", e);
                }
            }
        }
    }

    /** The folder of all that is not complete. */
    Path folder() {
        return folder;
    }

    /** Where the files of the checkpoint are written. */
    Path checkpoint() {
        return folder.resolve(CHECKPOINT);
    }

    /** Where a calibrator works. */
    Path calibration() {
        return folder.resolve(CALIBRATION);
    }

    /** Where other processes write layers. */
    Path parts() {
        return folder.resolve(PARTS);
    }

    /** Where other processes put the checkpoint's files together, under other names. */
    Path shards() {
        return folder.resolve(SHARDS);
    }

    /** What is finished. */
    Journal journal() {
        return journal;
    }

    /** Writes a file whole or not at all. */
    private static void write(Path file, ObjectNode json) throws IOException {
        Path written = Files.writeString(file.resolveSibling(file.getFileName() + SUFFIX), json.toString());
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Gives the complete checkpoint its name, in one step, and takes away the rest.
     *
     * @throws IOException if the disk refuses
     */
    void commit() throws IOException {
        Files.move(checkpoint(), target, StandardCopyOption.ATOMIC_MOVE);
        discard();
    }

    /**
     * Leaves nothing of it.
     *
     * @throws IOException if the disk refuses
     */
    void discard() throws IOException {
        lock.close();
        delete(folder);
    }

    /** Lets another process have it. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
