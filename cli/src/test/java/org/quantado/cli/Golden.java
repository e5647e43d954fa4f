package org.quantado.cli;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Folders that a peer has computed, found at run time: below the folder that the system property
 * {@code quantado.golden} names, else among the test resources.
 */
public final class Golden {
    private Golden() {
    }

    /** One test for each folder that is wanted; where there is none, one aborted test that says so. */
    public static Stream<DynamicTest> tests(String kind, Predicate<Path> wanted, Consumer<Path> check) {
        Path root = root();
        List<Path> folders = folders(root).stream().filter(wanted).sorted().toList();
        if (folders.isEmpty()) {
            return Stream.of(dynamicTest("no " + kind, () -> abort(root + " has no " + kind)));
        }
        return folders.stream()
                .map(folder -> dynamicTest(root.relativize(folder).toString(), () -> check.accept(folder)));
    }

    /** A case that the test resources have, whatever folder other tests look at. */
    public static Path kept(String name) {
        return resources().resolve(name);
    }

    public static boolean isBad(Path folder) {
        return folder.getParent().endsWith("bad");
    }

    public static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        String property = System.getProperty("quantado.golden", "");
        return property.isEmpty() ? resources() : Path.of(property).toAbsolutePath();
    }

    private static Path resources() {
        try {
            return Path.of(Golden.class.getResource("/golden").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> folders(Path root) {
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isDirectory).filter(folder -> !folder.equals(root)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
