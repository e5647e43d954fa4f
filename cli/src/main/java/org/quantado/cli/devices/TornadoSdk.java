package org.quantado.cli.devices;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A TornadoVM SDK on this machine.
 *
 * @param path its folder
 * @param version what it calls itself
 * @param backends the backends it was built with
 */
record TornadoSdk(String path, String version, String backends) {
    /** How to get one. */
    static final String ADVICE = "install a TornadoVM SDK (sdk install tornadovm, or a release of"
            + " https://github.com/beehive-lab/TornadoVM with TORNADOVM_HOME set to its folder)";

    /** System property by which the launcher says which SDK the process runs on. */
    private static final String IN_USE_PROPERTY = "quantado.sdk";
    private static final String ARGUMENT_FILE = "tornado-argfile";
    private static final Path SDKMAN_PLACE = Path.of("candidates", "tornadovm", "current");

    /** The SDK that this process runs on, or else the one that the launcher would find. */
    static Optional<TornadoSdk> find() {
        Stream<Path> places = Stream.of(
                Optional.ofNullable(System.getProperty(IN_USE_PROPERTY)).map(Path::of),
                Optional.ofNullable(System.getenv("TORNADOVM_HOME")).map(Path::of),
                Optional.of(sdkman().resolve(SDKMAN_PLACE))).flatMap(Optional::stream);
        return places.filter(place -> Files.exists(place.resolve(ARGUMENT_FILE))).findFirst().map(TornadoSdk::read);
    }

    private static Path sdkman() {
        String folder = System.getenv("SDKMAN_DIR");
        return folder == null ? Path.of(System.getProperty("user.home"), ".sdkman") : Path.of(folder);
    }

    private static TornadoSdk read(Path folder) {
        return new TornadoSdk(folder.toString(), property(folder, "tornado.release", "version"),
                property(folder, "tornado.backend", "tornado.backends"));
    }

    private static String property(Path folder, String file, String name) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(folder.resolve("etc").resolve(file))) {
            properties.load(reader);
        } catch (IOException e) {
            return "unknown";
        }
        return properties.getProperty(name, "unknown");
    }
}
