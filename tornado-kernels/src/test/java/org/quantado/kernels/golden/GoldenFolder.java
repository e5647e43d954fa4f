package org.quantado.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.TestAbortedException;

/**
 * The folder that golden tests take their cases from: the one that the system property {@code quantado.golden} names, or
 * the copy among the test resources. What a folder lacks aborts the tests that need it.
 */
public final class GoldenFolder {
    private static final String PROPERTY = "quantado.golden";
    private static final String JSON = ".json";
    private static final String INDEX = "index.json";

    private GoldenFolder() {
    }

    /** The tensors of a safetensors file, given relative to the folder. */
    public static GoldenTensors tensors(String file) {
        return new GoldenTensors(file);
    }

    /** The content of a JSON file, given relative to the folder. */
    public static JsonNode json(String file) {
        try {
            return new ObjectMapper().readTree(path(file).toFile());
        } catch (IOException e) {
            throw new AssertionError(file, e);
        }
    }

    /** Names of the cases in a folder, each of which has a JSON file. */
    public static Stream<String> names(String folder) {
        try (Stream<Path> files = Files.list(path(folder))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(JSON) && !name.equals(INDEX))
                    .map(name -> name.substring(0, name.length() - JSON.length())).sorted().toList().stream();
        } catch (IOException e) {
            throw new AssertionError(folder, e);
        }
    }

    /** A file or folder of the folder. */
    public static Path path(String name) {
        Path path = root().resolve(name);
        if (!Files.exists(path)) {
            throw new TestAbortedException("no golden case: " + path + " does not exist");
        }
        return path;
    }

    /** The tests of the cases that are found, or, if there are none, one test that is aborted and says so. */
    public static Stream<DynamicTest> cases(Supplier<Stream<DynamicTest>> tests) {
        try {
            List<DynamicTest> found = tests.get().toList();
            if (found.isEmpty()) {
                throw new TestAbortedException("no golden case under " + root());
            }
            return found.stream();
        } catch (TestAbortedException none) {
            return Stream.of(DynamicTest.dynamicTest("no golden case", () -> {
                throw none;
            }));
        }
    }

    private static Path root() {
        String given = System.getProperty(PROPERTY, "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        return Path.of(URI.create(
                Objects.requireNonNull(GoldenFolder.class.getResource("/golden"), "test resources")
                        .toString()));
    }
}
