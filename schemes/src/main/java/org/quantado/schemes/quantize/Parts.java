package org.quantado.schemes.quantize;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsWriter;

/** Files in which processes leave layers that they finished, until these come into the files of the checkpoint. */
final class Parts implements AutoCloseable {
    /** Bytes that are checked at once. */
    private static final long PORTION = 1 << 24;

    private final Path folder;
    private final Map<String, SafetensorsFile> open = new HashMap<>();

    Parts(Path folder) {
        this.folder = folder;
    }

    /** CRC-32C of a tensor. */
    static long checksum(MemorySegment bytes) {
        CRC32C checksum = new CRC32C();
        for (long at = 0; at < bytes.byteSize(); at += PORTION) {
            checksum.update(bytes.asSlice(at, Math.min(PORTION, bytes.byteSize() - at)).asByteBuffer());
        }
        return checksum.getValue();
    }

    /** Whether the part is there that an entry names. */
    boolean has(Journal.Entry entry) {
        return entry.part().filter(part -> Files.exists(folder.resolve(part))).isPresent();
    }

    /**
     * Copies the tensors of an entry that names a part.
     *
     * @return whether all that is there is as it was written
     * @throws IOException if the disk refuses
     */
    boolean copy(Journal.Entry entry, SafetensorsWriter writer) throws IOException {
        if (!has(entry)) {
            return false;
        }
        SafetensorsFile part = open.computeIfAbsent(entry.part().orElseThrow(),
                name -> SafetensorsFile.open(folder.resolve(name)));
        for (Map.Entry<String, Long> tensor : entry.checksums().entrySet()) {
            if (checksum(part.tensor(tensor.getKey()).data()) != tensor.getValue()) {
                return false;
            }
        }
        for (String tensor : entry.checksums().keySet()) {
            writer.write(tensor, part.tensor(tensor).data());
        }
        return true;
    }

    @Override
    public void close() {
        open.values().forEach(SafetensorsFile::close);
    }
}
