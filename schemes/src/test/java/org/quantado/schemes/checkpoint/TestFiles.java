package org.quantado.schemes.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files put together by hand, right or wrong. */
final class TestFiles {
    private TestFiles() {
    }

    /** A file with this header, its true length before it, and so many bytes of data 0, 1, 2... */
    static byte[] bytes(String header, int dataSize) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + json.length + dataSize)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (int i = 0; i < dataSize; i++) {
            bytes.put((byte) i);
        }
        return bytes.array();
    }

    static Path write(Path file, String header, int dataSize) throws IOException {
        return Files.write(file, bytes(header, dataSize));
    }
}
