package org.quantado.schemes.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Files, and a folder to write to if there is one, that every machine is to see under the same paths. The folder has a mark in it, so that one that is
 * another machine's own is told from one that all share.
 */
public final class SharedFiles implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String MARK = "seen-by-all";

    private final String folder;
    private final String mark;
    private final LinkedHashMap<String, String> identities;

    private SharedFiles(String folder, String mark, Map<String, String> identities) {
        this.folder = folder;
        this.mark = mark;
        this.identities = new LinkedHashMap<>(identities);
    }

    /**
     * Notes what this machine sees.
     *
     * @param folder where others will write, which gets a file with a mark
     * @param files what others will read
     * @throws IOException if one is not there, or the disk refuses
     */
    public static SharedFiles of(Path folder, Collection<Path> files) throws IOException {
        String mark = UUID.randomUUID().toString();
        Files.writeString(folder.resolve(MARK), mark);
        return new SharedFiles(folder.toString(), mark, identities(files));
    }

    /**
     * Notes what this machine sees, of files that others will only read.
     *
     * @throws IOException if one is not there
     */
    public static SharedFiles of(Collection<Path> files) throws IOException {
        return new SharedFiles(null, null, identities(files));
    }

    private static Map<String, String> identities(Collection<Path> files) throws IOException {
        Map<String, String> identities = new LinkedHashMap<>();
        for (Path file : files) {
            identities.put(file.toString(), identity(file));
        }
        return identities;
    }

    /** What tells a file from another of the same name. */
    public static String identity(Path file) throws IOException {
        return Files.size(file) + " bytes of " + Files.getLastModifiedTime(file);
    }

    /**
     * Makes sure that this machine sees the same.
     *
     * @throws ClusterException if not, with its name
     */
    public void requireSeen() {
        if (folder != null) {
            requireSame(Path.of(folder), "the folder that the other machines share", mark, markHere());
        }
        identities.forEach((file, expected) -> requireSame(Path.of(file), expected, expected, identityHere(file)));
    }

    private static void requireSame(Path path, String expected, String there, String here) {
        if (!there.equals(here)) {
            throw new ClusterException("machine " + machine() + " does not see " + path + ": found " + here
                    + ", expected " + expected + "; the same path has to lead to the same files on every machine");
        }
    }

    private String markHere() {
        Path file = Path.of(folder).resolve(MARK);
        try {
            return Files.exists(file) && mark.equals(Files.readString(file)) ? mark : nothing(Path.of(folder));
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    private static String nothing(Path folder) {
        return Files.isDirectory(folder) ? "another folder" : "none";
    }

    private static String identityHere(String file) {
        try {
            return Files.exists(Path.of(file)) ? identity(Path.of(file)) : "none";
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    private static String unreadable(IOException e) {
        return "that it cannot be read (" + e.getMessage() + ")";
    }

    /** The same for the same files of the same content, whatever the mark. */
    @Override
    public String toString() {
        return identities.toString();
    }

    /** The name of this machine. */
    public static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "without a name (" + e.getMessage() + ")";
        }
    }
}
