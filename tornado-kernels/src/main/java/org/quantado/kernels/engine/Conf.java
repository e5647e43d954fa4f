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
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
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

    private Conf() {
    }

    /**
     * Opens a file of {@code conf/}.
     *
     * @param name path below {@code conf/}, with slashes
     * @throws IOException if it is in neither place
     */
    public static InputStream open(String name) throws IOException {
        String folder = System.getProperty(FOLDER_PROPERTY);
        if (folder != null && Files.exists(Path.of(folder, name))) {
            return Files.newInputStream(Path.of(folder, name));
        }
        InputStream resource = Conf.class.getResourceAsStream(RESOURCE_FOLDER + name);
        if (resource == null) {
            throw new IOException("conf/" + name + " does not exist");
        }
        return resource;
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
        String userFolder = System.getProperty(FOLDER_PROPERTY);
        if (userFolder != null && Files.isDirectory(Path.of(userFolder, folder))) {
            addNames(Path.of(userFolder, folder), names);
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

    /** Reads a properties file of {@code conf/}. */
    public static Properties properties(String name) throws IOException {
        try (InputStream file = open(name)) {
            Properties properties = new Properties();
            properties.load(file);
            return properties;
        }
    }
}
