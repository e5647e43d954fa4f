package org.quantado.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Models that a peer has run, found at run time: in the folder that the system property {@code quantado.golden} names, else
 * in this module's test resources.
 */
public final class GoldenModels {
    private GoldenModels() {
    }

    /** All of them. */
    public static Stream<Path> all() {
        Path start = root().resolve("model");
        try (Stream<Path> walk = Files.walk(start)) {
            List<Path> folders = walk.filter(path -> path.endsWith("config.json")).map(Path::getParent)
                    .filter(folder -> Files.exists(folder.resolve("expected.safetensors"))).sorted().toList();
            return folders.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Scales that a peer found for one of them: folders whose {@code meta.json} is of this kind. */
    public static Stream<Path> smoothed(String kind) {
        try (Stream<Path> walk = Files.walk(root().resolve("model").resolve("gptq"))) {
            return walk.filter(path -> path.getFileName().toString().startsWith(kind + "_")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of those in the test resources. */
    public static Path bundled(String name) {
        return resources().resolve("model").resolve(name);
    }

    private static Path root() {
        String property = System.getProperty("quantado.golden", "");
        return property.isEmpty() ? resources() : Path.of(property).toAbsolutePath();
    }

    private static Path resources() {
        try {
            return Path.of(GoldenModels.class.getResource("/golden").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
