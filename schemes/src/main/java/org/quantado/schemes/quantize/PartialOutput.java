package org.quantado.schemes.quantize;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.JsonFile;

/**
 * A checkpoint that is not complete yet, in the folder {@code OUT.partial} beside the one it will become.
 * <p>
 * Inside, {@code checkpoint} is what will be renamed; beside it lie the settings of the quantization and a note on each
 * finished file: its size, its checksum and the errors of its layers. Whoever comes back after a crash with the same
 * settings goes on where it was left; where no file was finished yet, other settings will do, too. One process at a time works on it, for as long as it is open.
 */
final class PartialOutput implements AutoCloseable {
    private static final String SUFFIX = ".partial";
    private static final String SETTINGS = "settings.json";
    private static final String LOCK = "lock";
    private static final String CHECKPOINT = "checkpoint";
    private static final String FINISHED = "finished";
    private static final String JSON_SUFFIX = ".json";
    /** What there is before the settings are. */
    private static final Set<String> BEFORE_SETTINGS = Set.of(LOCK, FINISHED, SETTINGS + SUFFIX);
    private static final int CHECKSUM_BUFFER = 1 << 20;

    private final Path target;
    private final Path folder;
    private final FileChannel lock;

    private PartialOutput(Path target, Path folder, FileChannel lock) {
        this.target = target;
        this.folder = folder;
        this.lock = lock;
    }

    /** The folder that the parts of a checkpoint are in until it is complete. */
    static Path folderOf(Path target) {
        return target.resolveSibling(target.getFileName() + SUFFIX);
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
            Files.createDirectories(folder.resolve(FINISHED));
            requireSame(folder, settings);
            Files.createDirectories(folder.resolve(CHECKPOINT));
            return new PartialOutput(target, folder, lock);
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
            throw new QuantizeException(folder + ": another quantization is writing there");
        }
    }

    private static void requireSame(Path folder, ObjectNode settings) throws IOException {
        Path file = folder.resolve(SETTINGS);
        if (!Files.exists(file) || isEmpty(folder.resolve(FINISHED))) {
            deleteFiles(folder.resolve(CHECKPOINT));
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

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private static void deleteFiles(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Where the files of the checkpoint are written. */
    Path checkpoint() {
        return folder.resolve(CHECKPOINT);
    }

    /**
     * The errors of the layers of a file that was finished before; empty if it has to be written.
     *
     * @throws IOException if the disk refuses
     */
    Optional<List<LayerError>> finished(String fileName) throws IOException {
        Path file = checkpoint().resolve(fileName);
        Path note = note(fileName);
        if (!Files.exists(note) || !Files.exists(file)) {
            return Optional.empty();
        }
        ObjectNode found;
        try {
            found = JsonFile.readObject(note);
        } catch (CheckpointException e) {
            return Optional.empty();
        }
        if (found.path("size").longValue() != Files.size(file)
                || !found.path("crc32c").asText().equals(checksum(file))) {
            return Optional.empty();
        }
        List<LayerError> errors = new ArrayList<>();
        found.path("layers").forEach(layer -> errors.add(LayerErrorJson.read(layer)));
        return Optional.of(errors);
    }

    /**
     * Makes way for a file, and for what a killed process may have left of it.
     *
     * @throws IOException if the disk refuses
     */
    void clear(String fileName) throws IOException {
        Files.deleteIfExists(note(fileName));
        Files.deleteIfExists(checkpoint().resolve(fileName));
        String unfinished = "." + fileName + ".";
        try (DirectoryStream<Path> files = Files.newDirectoryStream(checkpoint(),
                file -> file.getFileName().toString().startsWith(unfinished))) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    /**
     * Notes that a file is finished.
     *
     * @throws IOException if the disk refuses
     */
    void finish(String fileName, List<LayerError> errors) throws IOException {
        Path file = checkpoint().resolve(fileName);
        ObjectNode note = JsonNodeFactory.instance.objectNode();
        note.put("size", Files.size(file));
        note.put("crc32c", checksum(file));
        ArrayNode layers = note.putArray("layers");
        errors.forEach(error -> layers.add(LayerErrorJson.write(error)));
        write(note(fileName), note);
    }

    private Path note(String fileName) {
        return folder.resolve(FINISHED).resolve(fileName + JSON_SUFFIX);
    }

    private static String checksum(Path file) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] buffer = new byte[CHECKSUM_BUFFER];
        try (InputStream in = new CheckedInputStream(Files.newInputStream(file), checksum)) {
            while (in.read(buffer) >= 0) {
                // reading is what counts
            }
        }
        return Long.toHexString(checksum.getValue());
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
        lock.close();
        deleteFiles(folder.resolve(FINISHED));
        for (String rest : List.of(FINISHED, SETTINGS, LOCK, "")) {
            Files.delete(folder.resolve(rest));
        }
    }

    /** Lets another process have it. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
