package org.quantado.kernels.engine;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What a user may tune without recompiling: the files of {@code conf/}.
 *
 * <p>They are read from the folder that {@value #FOLDER_PROPERTY} names, else from the copies inside the jar.
 */
public final class Conf {
    /** System property that names the folder. */
    public static final String FOLDER_PROPERTY = "quantado.conf";

    private static final String RESOURCE_FOLDER = "/org/quantado/conf/";

    /** Whether the jar has a file: asked for each layer, and found only by looking into all jars. */
    private static final Map<String, Boolean> INSIDE = new ConcurrentHashMap<>();

    private Conf() {
    }

    /**
     * Opens a file of {@code conf/}.
     *
     * @param name path below {@code conf/}, with slashes
     * @throws IOException if it is in neither place
     */
    public static InputStream open(String name) throws IOException {
        Optional<Path> file = userFile(name).filter(Files::exists);
        InputStream found = file.isPresent()
                ? Files.newInputStream(file.get())
                : Conf.class.getResourceAsStream(RESOURCE_FOLDER + name);
        if (found == null) {
            throw new IOException("conf/" + name + " does not exist");
        }
        return found;
    }

    /** Whether a file is in one of the two places. */
    public static boolean exists(String name) {
        return userFile(name).filter(Files::exists).isPresent()
                || INSIDE.computeIfAbsent(name, file -> Conf.class.getResource(RESOURCE_FOLDER + file) != null);
    }

    /** Where a file of the user is, or would be; empty if {@value #FOLDER_PROPERTY} names no folder. */
    public static Optional<Path> userFile(String name) {
        return Optional.ofNullable(System.getProperty(FOLDER_PROPERTY)).map(folder -> Path.of(folder, name));
    }

    /**
     * Names of the files in a folder of {@code conf/}: those of the user and those inside the jar.
     *
     * @param folder path below {@code conf/}
     * @return without the folder, in order
     * @throws IOException if one of the two places cannot be read
     */
    public static SortedSet<String> list(String folder) throws IOException {
        SortedSet<String> names = new TreeSet<>();
        Optional<Path> userFolder = userFile(folder).filter(Files::isDirectory);
        if (userFolder.isPresent()) {
            addNames(userFolder.get(), names);
        }
        URL resource = Conf.class.getResource(RESOURCE_FOLDER + folder);
        if (resource != null && resource.getProtocol().equals("jar")) {
            try (FileSystem jar = FileSystems.newFileSystem(URI.create(resource.toString()), Map.of())) {
                addNames(jar.getPath(RESOURCE_FOLDER + folder), names);
            }
        } else if (resource != null) {
            addNames(Path.of(URI.create(resource.toString())), names);
        }
        return names;
    }

    private static void addNames(Path folder, SortedSet<String> names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
    }

    /**
     * Reads a properties file of {@code conf/}.
     *
     * @throws ConfException if it is no properties file
     */
    public static Properties properties(String name) throws IOException {
        try (InputStream file = open(name)) {
            Properties properties = new Properties();
            properties.load(file);
            return properties;
        } catch (IllegalArgumentException e) {
            throw new ConfException(name, e);
        }
    }
}
