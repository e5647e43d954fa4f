package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.moe.verify.MoeVerification;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Cases that a peer has computed, found at run time: in the folder that the system property {@code quantado.golden}
 * names, else in this module's test resources.
 */
final class Golden {
    private Golden() {
    }

    /** What is run on one case. */
    @FunctionalInterface
    interface Check {
        void on(Path folder, JsonNode facts) throws Exception;
    }

    /** One test for each folder with a {@code case.json} below the given one; where there is none, one aborted test. */
    static Stream<DynamicTest> cases(String below, Check check) {
        return orAborted(below, found(below).map(folder -> test(folder, "", check)));
    }

    /** As {@link #cases}, each with every flavour that the engine has. */
    static Stream<DynamicTest> casesOfEachFlavour(String below, Check check) {
        List<Flavour> flavours = Arrays.stream(Flavour.values())
                .filter(flavour -> flavour.hindrance().isEmpty()).toList();
        return orAborted(below, found(below).flatMap(folder -> flavours.stream()
                .map(flavour -> test(folder, ", " + flavour, forced(flavour, check)))));
    }

    private static DynamicTest test(Path folder, String variant, Check check) {
        return dynamicTest(folder.getFileName() + variant,
                () -> check.on(folder, JsonFile.readObject(folder.resolve("case.json"))));
    }

    private static Stream<DynamicTest> orAborted(String below, Stream<DynamicTest> found) {
        List<DynamicTest> tests = found.toList();
        return tests.isEmpty()
                ? Stream.of(dynamicTest("no case of " + below, () -> abort(root() + " has no " + below)))
                : tests.stream();
    }

    private static Check forced(Flavour flavour, Check check) {
        return (folder, facts) -> {
            System.setProperty(FlavourChoice.FLAVOUR_PROPERTY, flavour.name());
            try {
                check.on(folder, facts);
            } finally {
                System.clearProperty(FlavourChoice.FLAVOUR_PROPERTY);
            }
        };
    }

    /** The folders of the cases below a folder. */
    static Stream<Path> found(String below) {
        Path start = root().resolve(below);
        if (!Files.isDirectory(start)) {
            return Stream.of();
        }
        try (Stream<Path> walk = Files.walk(start)) {
            List<Path> folders = walk.filter(path -> path.endsWith("case.json")).map(Path::getParent).sorted().toList();
            return folders.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folders of situations that people reported in which a block of experts must give given numbers. */
    static List<Path> reports() {
        return blocks("reports");
    }

    /** The folders right below a folder that have a block of experts and the numbers that it must give. */
    static List<Path> blocks(String below) {
        Path start = root().resolve(below);
        if (!Files.isDirectory(start)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(start)) {
            return folders.filter(folder -> Files.exists(folder.resolve("expected.safetensors")))
                    .filter(folder -> Files.exists(folder.resolve("meta.json")))
                    .filter(MoeVerification::isFor).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Name of the block that a report is about. */
    static String module(Path report) {
        return JsonFile.readObject(report.resolve("meta.json")).get("module").textValue();
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

    static FloatArray floats(Tensor tensor) {
        return FloatArray.fromArray(tensor.toFloats());
    }

    /**
     * Row by row, {@code max |y - expected| <= tolerance * max |expected|}.
     *
     * @param expected {@code [T, H]}
     */
    static void assertRows(FloatArray y, float[] expected, int width, double tolerance) {
        assertThat(y.getSize()).isEqualTo(expected.length);
        for (int first = 0; first < expected.length; first += width) {
            double largest = 0;
            double error = 0;
            for (int i = first; i < first + width; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                double difference = Math.abs(y.get(i) - (double) expected[i]);
                error = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(error, difference);
            }
            assertThat(error).as("error of row %d, whose largest value is %s", first / width, largest)
                    .isLessThanOrEqualTo(tolerance * largest);
        }
    }
}
