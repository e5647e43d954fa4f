package org.quantado.schemes;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Cases that a peer has computed, found at run time: in the folder that the system property {@code quantado.golden}
 * names, else in this module's test resources.
 */
public final class Golden {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Golden() {
    }

    /** What is run on one file or folder. */
    @FunctionalInterface
    public interface Check {
        void on(Path path) throws Exception;
    }

    /** One test for each path that is wanted; where there is none, one aborted test that says so. */
    public static Stream<DynamicTest> tests(String kind, Predicate<Path> wanted, Check check) {
        Path root = root();
        List<Path> paths = paths(root).filter(wanted).sorted().toList();
        if (paths.isEmpty()) {
            return Stream.of(dynamicTest("no " + kind, () -> abort(root + " has no " + kind)));
        }
        return paths.stream()
                .map(path -> dynamicTest(root.relativize(path).toString(), () -> check.on(path)));
    }

    private static Path root() {
        String property = System.getProperty("quantado.golden", "");
        try {
            return property.isEmpty()
                    ? Path.of(Golden.class.getResource("/golden").toURI())
                    : Path.of(property).toAbsolutePath();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<Path> paths(Path root) {
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a path is, or lies in, a folder of malformed cases. */
    public static boolean isBad(Path path) {
        return path.toString().contains("/bad/");
    }

    /** A JSON file as a tree. */
    public static JsonNode json(Path file) {
        try {
            return MAPPER.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
