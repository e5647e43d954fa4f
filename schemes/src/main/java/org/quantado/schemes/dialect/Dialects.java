package org.quantado.schemes.dialect;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;

/** All dialects that are known. */
public final class Dialects {
    private static final ModelOpt MODEL_OPT = new ModelOpt();
    private static final List<Dialect> KNOWN = List.of(new CompressedTensors(), new Fp8(), new Mxfp4(), MODEL_OPT,
            new Awq(), new Gptq(), new Bitsandbytes(), new AutoRound());

    private Dialects() {
    }

    /**
     * A checkpoint as compressed-tensors would have written it.
     *
     * @param config what is known of the model
     * @param tensors with the names and shapes that compressed-tensors would give them
     */
    public record Read(ModelConfig config, Checkpoint tensors) {
    }

    /**
     * Reads a checkpoint of any dialect; without a config nothing is known of it.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if its config is wrong or contradicts itself, the
     *     dialect is not known, or a tensor cannot be what its name says
     */
    public static Read read(Checkpoint checkpoint) {
        if (checkpoint.configFile().isEmpty()) {
            return new Read(ModelConfig.NONE, checkpoint);
        }
        Path file = checkpoint.configFile().get();
        Optional<JsonField> inConfig = ModelConfig.quantizationConfig(file);
        Optional<JsonField> beside = ModelOpt.configBeside(file);
        Optional<Reading> reading = inConfig.map(config -> named(config).read(config, checkpoint));
        ModelConfig config = ModelConfig.read(file, _ -> reading.orElseThrow().config());
        if (beside.isEmpty()) {
            return new Read(config, reading.map(some -> some.tensors().apply(config)).orElse(checkpoint));
        }
        inConfig.ifPresent(other -> ModelOpt.requireSame(other, beside.get()));
        Reading readBeside = MODEL_OPT.readBeside(beside.get(), checkpoint);
        ModelConfig both = inConfig.isPresent()
                ? config
                : config.quantizedBy(MODEL_OPT.quantMethods().getFirst(), readBeside.config());
        return new Read(both, readBeside.tensors().apply(both));
    }

    private static Dialect named(JsonField config) {
        String method = ModelConfig.quantMethod(config);
        return KNOWN.stream().filter(dialect -> dialect.quantMethods().contains(method)).findFirst()
                .orElseThrow(() -> config.get(ModelConfig.QUANT_METHOD)
                        .refuse("a method that is known: " + KNOWN.stream()
                                .flatMap(dialect -> dialect.quantMethods().stream())
                                .collect(Collectors.joining(", "))));
    }
}
