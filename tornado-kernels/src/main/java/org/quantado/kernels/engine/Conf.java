package org.quantado.kernels.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

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

    /** Reads a properties file of {@code conf/}. */
    public static Properties properties(String name) throws IOException {
        try (InputStream file = open(name)) {
            Properties properties = new Properties();
            properties.load(file);
            return properties;
        }
    }
}
