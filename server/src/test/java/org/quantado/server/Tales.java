package org.quantado.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.quantado.models.ModelOptions;
import org.quantado.server.model.ServedModel;

/** The demo's model, on which the server is tried. */
public final class Tales {
    public static final String ID = "tales-2m";

    private static final Path DEMO = Path.of(System.getProperty("quantado.root"),
            "cli/src/main/resources/org/quantado/cli/demo");

    private Tales() {
    }

    public static Path folder() {
        return DEMO.resolve(ID);
    }

    public static ServedModel open(int sequences) {
        return ServedModel.open(folder(), ID, ModelOptions.USUAL, sequences);
    }

    /** Stories that the model has not seen. */
    public static String text() {
        try {
            return Files.readString(DEMO.resolve("eval.txt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
