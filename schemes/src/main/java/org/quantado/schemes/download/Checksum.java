package org.quantado.schemes.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** How a file of a repository is known: by what its ETag is, too. */
enum Checksum {
    /** SHA-1 of a git blob: of the word, its size and the bytes. Small files. */
    GIT("SHA-1", 40) {
        @Override
        void begin(MessageDigest digest, long bytes) {
            digest.update(("blob " + bytes + "\0").getBytes(StandardCharsets.US_ASCII));
        }
    },
    /** SHA-256 of the bytes, as Git LFS has it. Large files. */
    LFS("SHA-256", 64) {
        @Override
        void begin(MessageDigest digest, long bytes) {
            // the bytes are all that counts
        }
    };

    private static final int BUFFER_BYTES = 1 << 20;

    private final String algorithm;
    private final int digits;

    Checksum(String algorithm, int digits) {
        this.algorithm = algorithm;
        this.digits = digits;
    }

    /** Feeds what comes before the bytes of a file. */
    abstract void begin(MessageDigest digest, long bytes);

    /** Whether a text is a sum of this kind, in hexadecimal digits. */
    boolean isSum(String text) {
        return text.matches("[0-9a-f]{" + digits + "}");
    }

    /** The sum of a file, in hexadecimal digits. */
    String of(Path file) throws IOException {
        MessageDigest digest = digest();
        begin(digest, Files.size(file));
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private MessageDigest digest() {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(algorithm + " is missing in this JDK", e);
        }
    }

    @Override
    public String toString() {
        return algorithm;
    }
}
