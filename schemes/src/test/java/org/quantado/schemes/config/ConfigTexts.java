package org.quantado.schemes.config;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Configs written in the tests themselves. */
public final class ConfigTexts {
    private ConfigTexts() {
    }

    /** Reads a {@code quantization_config}; single quotes stand for double ones. */
    public static QuantizationConfig read(String json) {
        try {
            return QuantizationConfig.read(Path.of("config.json"),
                    (ObjectNode) new ObjectMapper().readTree(json.replace('\'', '"')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A config of one group for Linear layers whose weights have these arguments. */
    public static QuantizationConfig ofWeights(String args) {
        return read("{'config_groups':{'group_0':{'targets':['Linear'],'weights':{" + args + "}}}}");
    }
}
