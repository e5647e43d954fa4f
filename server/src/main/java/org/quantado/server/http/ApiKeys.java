package org.quantado.server.http;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Keys with which clients are let in. Of each only a hash is kept; comparing takes the same time for all. */
public final class ApiKeys {
    /** Everybody is let in. */
    public static final ApiKeys NONE = new ApiKeys(List.of());

    private static final String SCHEME = "Bearer ";
    private static final String COMMENT = "#";

    private final List<byte[]> hashes;

    private ApiKeys(List<String> keys) {
        this.hashes = keys.stream().map(ApiKeys::hash).toList();
    }

    /**
     * Reads a file with a key in each line; lines that begin with # are comments.
     *
     * @throws IllegalArgumentException in a sentence, if there is no key in it, or a line is none
     */
    public static ApiKeys read(Path file) throws IOException {
        List<String> keys;
        try {
            keys = Files.readAllLines(file).stream().map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith(COMMENT)).toList();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + ": found bytes that are not UTF-8, expected a key in each line",
                    e);
        }
        if (keys.isEmpty() || keys.stream().anyMatch(key -> !key.matches("[!-~]+"))) {
            throw new IllegalArgumentException(file + ": found "
                    + (keys.isEmpty() ? "no key" : "a line with other characters")
                    + ", expected a key of printable ASCII characters in each line");
        }
        return new ApiKeys(keys);
    }

    /** Whether no key is needed. */
    public boolean isOpen() {
        return hashes.isEmpty();
    }

    /** Whether a header Authorization lets somebody in. */
    boolean accepts(String authorization) {
        if (isOpen()) {
            return true;
        }
        byte[] hash = hash(authorization.startsWith(SCHEME) ? authorization.substring(SCHEME.length()).strip() : "");
        boolean known = false;
        for (byte[] key : hashes) {
            known |= MessageDigest.isEqual(key, hash);
        }
        return known;
    }

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
