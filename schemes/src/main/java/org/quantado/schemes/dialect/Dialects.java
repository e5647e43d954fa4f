package org.quantado.schemes.dialect;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationConfig;

/** All dialects that are known. */
public final class Dialects {
    private static final List<Dialect> KNOWN = List.of(new CompressedTensors(), new Mxfp4());

    private Dialects() {
    }

    /**
     * Reads a {@code config.json} whose {@code quantization_config} is of any dialect.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if it is wrong, or the dialect is not known
     */
    public static ModelConfig config(Path file) {
        return ModelConfig.read(file, Dialects::quantization);
    }

    /** Reads the config beside a checkpoint, as {@link #config(Path)} does; without one nothing is known. */
    public static ModelConfig config(Checkpoint checkpoint) {
        return checkpoint.configFile().map(Dialects::config).orElse(ModelConfig.NONE);
    }

    /**
     * A checkpoint with the names and shapes that compressed-tensors would give its tensors, whatever its dialect.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a tensor cannot be what its name says
     */
    public static Checkpoint tensors(Checkpoint checkpoint, ModelConfig config) {
        return config.quantMethod().flatMap(Dialects::named).map(dialect -> dialect.tensors(checkpoint, config))
                .orElse(checkpoint);
    }

    private static QuantizationConfig quantization(JsonField config) {
        String method = ModelConfig.quantMethod(config);
        return named(method).orElseThrow(() -> config.get(ModelConfig.QUANT_METHOD)
                .refuse("a method that is known: " + KNOWN.stream().map(Dialect::quantMethod)
                        .collect(Collectors.joining(", "))))
                .config(config);
    }

    private static Optional<Dialect> named(String method) {
        return KNOWN.stream().filter(dialect -> dialect.quantMethod().equals(method)).findFirst();
    }
}
