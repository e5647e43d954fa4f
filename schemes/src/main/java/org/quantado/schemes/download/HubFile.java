package org.quantado.schemes.download;

import java.util.Arrays;
import java.util.regex.Pattern;

import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;

/**
 * A file of a model on the hub.
 *
 * @param path in the repository, with slashes
 * @param bytes of it
 * @param checksum how it is known
 * @param sum its checksum, by which its blob is called
 */
record HubFile(String path, long bytes, Checksum checksum, String sum) {
    /** Twice what the hub takes, which is 500 GB. */
    private static final long MOST_BYTES = 1_000_000_000_000L;
    private static final int LONGEST_NAME = 255;
    /** What no name of a file has on some system, or is not seen. */
    private static final Pattern FORBIDDEN = Pattern.compile(".*[\\\\:\\p{Cntrl}].*", Pattern.DOTALL);

    /** @throws HubException if it cannot be a file of a model */
    HubFile {
        if (!isInside(path)) {
            throw refused(path, "a path that leads elsewhere", "one below the model's folder");
        }
        if (bytes < 0 || bytes > MOST_BYTES) {
            throw refused(path, bytes + " bytes", "0 to " + MOST_BYTES);
        }
        if (!checksum.isSum(sum)) {
            throw refused(path, "the checksum " + CheckpointException.quote(sum), "one of " + checksum);
        }
    }

    private static boolean isInside(String path) {
        return !FORBIDDEN.matcher(path).matches() && Arrays.stream(path.split("/", -1))
                .noneMatch(name -> name.isEmpty() || name.equals(".") || name.equals("..")
                        || name.length() > LONGEST_NAME);
    }

    /** A complaint about what the hub says of a file. */
    static HubException refused(String path, String found, String expected) {
        return new HubException(Reason.NOT_TRUSTED, "the hub's file " + CheckpointException.quote(path) + ": found "
                + found + ", expected " + expected);
    }
}
