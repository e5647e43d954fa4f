package org.quantado.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** Models that commands are tried on. */
public final class TextModels {
    private TextModels() {
    }

    /** The demo's. */
    public static Path tales() {
        return Path.of("src/main/resources/org/quantado/cli/demo/tales-2m");
    }

    /** A copy of the demo's, to be damaged. */
    public static Path copy(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(tales())) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return folder;
    }
}
