package org.quantado.schemes.select;

import java.nio.file.Path;
import java.util.Optional;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.QuantizationArgs;

/** What came of asking how a layer is run. */
public sealed interface Selection {

    /**
     * A scheme runs it.
     *
     * @param scheme which
     * @param groupName the config group that it follows from
     * @param weights how the weight is quantized
     * @param input how the input is quantized, if at all
     * @param output how the output is quantized, if at all
     * @param format how the weight is stored, if the config says so
     */
    record Selected(SchemeName scheme, String groupName, QuantizationArgs weights,
            Optional<QuantizationArgs> input,
            Optional<QuantizationArgs> output, Optional<CompressionFormat> format) implements Selection {
    }

    /**
     * It is not quantized.
     *
     * @param reason why not, in a sentence
     */
    record Unquantized(String reason) implements Selection {
    }

    /**
     * It is quantized in a way that no scheme runs.
     *
     * @param explanation which condition failed for which group, in a sentence
     * @param peerError the type of vLLM's error
     * @param peerMessage the text of vLLM's error
     */
    record Unsupported(String explanation, String peerError, String peerMessage) implements Selection {
        /** The same as an error about a config and a layer of it. */
        public CheckpointException toException(Path configFile, String layerName) {
            return new CheckpointException(configFile, "layer " + CheckpointException.quote(layerName),
                    explanation,
                    "a supported scheme (" + peerMessage + ")");
        }
    }
}
