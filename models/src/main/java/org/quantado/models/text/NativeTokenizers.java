package org.quantado.models.text;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.util.Utils;

/**
 * Hugging Face's own tokenizer, kept to what it is needed for.
 *
 * <p>Left to itself, the library that carries it reports its use over the network, may download another build of itself
 * where it finds a GPU, unpacks its native code below the user's home folder, and cuts texts after 512 tokens.
 */
final class NativeTokenizers {
    /** Where the native code is unpacked to: an environment variable or system property of the library. */
    private static final String CACHE = "ENGINE_CACHE_DIR";
    private static final String WHOLE_CACHE = "DJL_CACHE_DIR";
    private static final String OFFLINE_PROPERTY = "ai.djl.offline";
    private static final String OFFLINE_VARIABLE = "DJL_OFFLINE";
    private static final Map<String, String> WHOLE_TEXTS = Map.of("truncation", "false", "padding", "false");

    private NativeTokenizers() {
    }

    /**
     * Makes a tokenizer.
     *
     * @param json content of tokenizer.json
     * @throws IOException if it is none, or the library has no native code for this machine
     */
    static HuggingFaceTokenizer of(String json) throws IOException {
        System.setProperty(OFFLINE_PROPERTY, "true");
        if (!Utils.isOfflineMode()) {
            throw new IOException("the environment variable " + OFFLINE_VARIABLE + " is "
                    + System.getenv(OFFLINE_VARIABLE) + ", expected none: tokenizers do not use the network");
        }
        if (Utils.getEnvOrSystemProperty(CACHE) == null && Utils.getEnvOrSystemProperty(WHOLE_CACHE) == null) {
            System.setProperty(CACHE, cacheFolder().toString());
        }
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
                    WHOLE_TEXTS);
        } catch (RuntimeException | LinkageError e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Path cacheFolder() {
        String caches = System.getenv("XDG_CACHE_HOME");
        return (caches == null || caches.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(caches))
                .resolve("quantado");
    }
}
