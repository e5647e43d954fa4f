package org.quantado.models.text;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Models that tests read. */
public final class TestModels {
    private TestModels() {
    }

    /** The model of the demo: byte-level BPE. */
    public static Path tales() {
        return Path.of("../cli/src/main/resources/org/quantado/cli/demo/tales-2m");
    }

    /** A text that the model of the demo has not seen. */
    public static Path talesText() {
        return Path.of("../cli/src/main/resources/org/quantado/cli/demo/eval.txt");
    }

    /** A tokenizer of these tests: BPE that falls back to bytes. */
    public static Path bytes() {
        return Path.of("src/test/resources/org/quantado/models/text/bytes");
    }

    /** Trained models that a peer ran, below the folder that the system property {@code quantado.golden} names. */
    public static Path stories() throws IOException {
        String golden = System.getProperty("quantado.golden", "");
        if (!golden.isEmpty()) {
            try (Stream<Path> walk = Files.walk(Path.of(golden), 3)) {
                Path stories = walk.filter(path -> path.endsWith("stories260k")).findFirst().orElse(null);
                if (stories != null) {
                    return stories;
                }
            }
        }
        return abort("no stories260k: -Dquantado.golden=DIR says where golden data lies");
    }
}
