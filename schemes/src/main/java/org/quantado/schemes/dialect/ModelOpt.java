package org.quantado.schemes.dialect;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.Target;

/**
 * NVIDIA's ModelOpt: the {@code quant_algo} of a {@code quantization_config}, or of a file {@code hf_quant_config.json} beside
 * the model's, says all. Both may be there if they say the same.
 *
 * <p>Source: Model-Optimizer, {@code convert_hf_quant_config_format}; vLLM, {@code ModelOptQuantConfigBase}.
 */
final class ModelOpt implements Dialect {
    private static final String FILE_NAME = "hf_quant_config.json";
    private static final String PRODUCER = "producer";
    private static final String QUANTIZATION = "quantization";
    private static final String ALGORITHM = "quant_algo";
    private static final String GROUP_SIZE = "group_size";
    private static final String IGNORED = "ignore";
    private static final String EXCLUDED = "exclude_modules";
    private static final String CACHE = "kv_cache_quant_algo";
    private static final String CACHE_SCHEME = "kv_cache_scheme";
    private static final String GROUPS = "config_groups";
    private static final String NUM_BITS = "num_bits";
    private static final Set<String> FIELDS = Set.of(ModelConfig.QUANT_METHOD, PRODUCER, ALGORITHM, GROUP_SIZE, IGNORED,
            CACHE_SCHEME, GROUPS);
    private static final Set<String> FIELDS_BESIDE = Set.of(ALGORITHM, GROUP_SIZE, EXCLUDED, CACHE);
    private static final String FP8 = "FP8";

    @Override
    public List<String> quantMethods() {
        return List.of("modelopt", "modelopt_fp4");
    }

    @Override
    public Reading read(JsonField config, Checkpoint checkpoint) {
        config.requireOnly(FIELDS);
        ModelOptAlgorithm algorithm = algorithm(config);
        config.get(GROUPS).optional().ifPresent(groups -> groups.members().values()
                .forEach(group -> requireBits(group.get("weights").get(NUM_BITS), algorithm)));
        return reading(config, algorithm, SkippedModules.patterns(config, IGNORED),
                config.get(CACHE_SCHEME).optional().map(ModelOpt::cache), checkpoint);
    }

    /** The file beside a {@code config.json} that says how the model is quantized, if it is there. */
    static Optional<JsonField> configBeside(Path configFile) {
        Path file = configFile.resolveSibling(FILE_NAME);
        return Files.exists(file) ? Optional.of(JsonField.root(file, JsonFile.readObject(file))) : Optional.empty();
    }

    /** As {@link #read}, of the file beside. */
    Reading readBeside(JsonField file, Checkpoint checkpoint) {
        file.requireOnly(Set.of(PRODUCER, QUANTIZATION));
        JsonField config = file.get(QUANTIZATION);
        config.requireOnly(FIELDS_BESIDE);
        return reading(config, algorithm(config), SkippedModules.patterns(config, EXCLUDED),
                config.get(CACHE).optional().map(cache -> {
                    if (!cache.string().equals(FP8)) {
                        throw cache.refuse(FP8 + ", or none");
                    }
                    return perTensor();
                }), checkpoint);
    }

    private static Reading reading(JsonField config, ModelOptAlgorithm algorithm, List<Target> ignore,
            Optional<QuantizationArgs> cache, Checkpoint checkpoint) {
        config.get(GROUP_SIZE).optional().filter(size -> size.integer() != algorithm.groupSize()).ifPresent(size -> {
            throw size.refuse(algorithm.groupSize() + ", as " + algorithm + " has");
        });
        ConfigGroup group = ConfigGroup.of(algorithm.name(), List.of(Target.of("Linear")), algorithm.weights(),
                algorithm.input());
        return Reading.of(QuantizationConfig.of(List.of(group), algorithm.format(), ignore, cache), checkpoint,
                tensor -> List.of(algorithm.seenAs(tensor)));
    }

    /**
     * Requires that two files say the same.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if they do not
     */
    static void requireSame(JsonField inConfig, JsonField beside) {
        JsonField other = beside.get(QUANTIZATION);
        String algorithm = inConfig.get(ALGORITHM).optional().map(JsonField::string)
                .orElseGet(() -> ModelConfig.quantMethod(inConfig));
        if (!other.get(ALGORITHM).string().equalsIgnoreCase(algorithm)) {
            throw other.get(ALGORITHM).refuse(algorithm + ", as " + inConfig.file() + " says");
        }
        if (!names(inConfig.get(IGNORED)).equals(names(other.get(EXCLUDED)))) {
            throw other.get(EXCLUDED).refuse("the names that " + inConfig.file() + " has as " + IGNORED);
        }
    }

    private static Set<String> names(JsonField field) {
        return field.optional().map(list -> Set.copyOf(list.strings())).orElse(Set.of());
    }

    private static ModelOptAlgorithm algorithm(JsonField config) {
        JsonField name = config.get(ALGORITHM);
        return ModelOptAlgorithm.named(name.string())
                .orElseThrow(() -> name.refuse("one of " + ModelOptAlgorithm.names()));
    }

    private static void requireBits(JsonField bits, ModelOptAlgorithm algorithm) {
        int expected = algorithm.weights().numBits();
        bits.optional().filter(found -> found.integer() != expected).ifPresent(found -> {
            throw found.refuse(expected + ", as " + ALGORITHM + " " + algorithm + " has");
        });
    }

    private static QuantizationArgs cache(JsonField scheme) {
        JsonField bits = scheme.get(NUM_BITS);
        if (bits.integer() != Byte.SIZE) {
            throw bits.refuse("8");
        }
        return perTensor();
    }

    private static QuantizationArgs perTensor() {
        return QuantizationArgs.perTensor(Byte.SIZE, QuantizationType.FLOAT);
    }
}
