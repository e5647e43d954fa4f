package org.quantado.schemes.quantize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.quantado.schemes.config.ConfigGroup;

/** Somebody who runs a model, and quantizes its layers by what goes through them. */
public interface Calibrator {
    /** What it runs the model on, in a few words. */
    String name();

    /**
     * All that the result depends on besides the request and the input.
     *
     * @throws IOException if a file of it cannot be read
     */
    ObjectNode settings() throws IOException;

    /** A group as its layers will be quantized: with the order of columns, and the observer of activations. */
    ConfigGroup applyTo(ConfigGroup group);

    /** Names of the modules whose keys and values are to be cached as FP8; their scales are found, too. */
    List<String> cachedAttentions();

    /**
     * Quantizes, and writes what is finished to {@link CalibrationWork#finished}. After an interruption it goes on with what
     * is there.
     *
     * @throws IOException if the disk refuses
     */
    void run(CalibrationWork work) throws IOException;
}
