package org.quantado.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The model that the program carries: a mixture of experts of 1.6 million parameters, which this project trained on
 * stories of its own making; and a text of such stories that it has not seen.
 */
final class TalesModel {
    static final String DESCRIPTION = "a mixture of experts of 1.6 million parameters, trained on stories for this program";
    private static final String FOLDER = "tales-2m/";
    private static final String TEXT = "eval.txt";
    private static final List<String> FILES = List.of("chat_template.jinja", "config.json", "generation_config.json",
            "model.safetensors", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json");

    private TalesModel() {
    }

    /**
     * Writes the model into a new folder.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is such a folder
     */
    static void write(Path folder) throws IOException {
        Files.createDirectory(folder);
        for (String file : FILES) {
            try (InputStream in = open(FOLDER + file)) {
                Files.copy(in, folder.resolve(file));
            }
        }
    }

    /** Stories that the model has not seen. */
    static String text() {
        try (InputStream in = open(TEXT)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String name) {
        InputStream in = TalesModel.class.getResourceAsStream(name);
        if (in == null) {
            throw new IllegalStateException(name + " is missing in the program");
        }
        return in;
    }
}
