package org.quantado.models.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.quantado.kernels.attention.RopeScaling;
import org.quantado.moe.family.LanguageConfig;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * What a config says of rope: {@code rope_theta} and {@code rope_scaling}, or all of it in {@code rope_parameters}, there
 * for each type of layer where they differ.
 *
 * @param config of the model
 * @param family its description
 */
record RopeReader(LanguageConfig config, Description family) {
    private static final String PARAMETERS = "rope_parameters";
    private static final String SCALING = "rope_scaling";
    private static final String BASE = "rope_theta";
    private static final String LOCAL_BASE = "rope_local_base_freq";
    private static final String PARTIAL = "partial_rotary_factor";
    private static final String POSITIONS = "max_position_embeddings";
    private static final String ORIGINAL = "original_max_position_embeddings";
    private static final String FACTOR = "factor";
    private static final String ATTENTION_FACTOR = "attention_factor";
    private static final String MSCALE = "mscale";
    private static final String MSCALE_ALL = "mscale_all_dim";
    private static final double BETA_FAST = 32;
    private static final double BETA_SLOW = 1;
    private static final List<String> TYPE = List.of("rope_type", "type");

    /** Fields of all types, and of each. */
    private static final Set<String> COMMON = Set.of("rope_type", "type", BASE, PARTIAL);
    private static final Map<String, Set<String>> FIELDS = Map.of(
            "default", Set.of(),
            "mrope", Set.of("mrope_section", "mrope_interleaved"),
            "linear", Set.of(FACTOR),
            "llama3", Set.of(FACTOR, "low_freq_factor", "high_freq_factor", ORIGINAL),
            "yarn",
            Set.of(FACTOR, ORIGINAL, "beta_fast", "beta_slow", "truncate", ATTENTION_FACTOR, MSCALE, MSCALE_ALL),
            "longrope", Set.of(FACTOR, ORIGINAL, "short_factor", "long_factor", ATTENTION_FACTOR));

    /**
     * The rope of a layer's heads.
     *
     * @param size elements of a head, of which a part may be turned
     * @param isLocal whether the layer has a window
     */
    RopeSpec read(int size, boolean isLocal, boolean interleaved) {
        Optional<LanguageConfig> parameters = parameters(isLocal);
        if (parameters.isEmpty() && isLocal && family.localRopeBase.isPresent()) {
            return new RopeSpec(size, config.number(LOCAL_BASE).orElse((double) family.localRopeBase.getAsInt()),
                    new RopeScaling.Default(), interleaved);
        }
        double partial = first(parameters, PARTIAL).orElse(family.partialRotary);
        int turned = (int) (size * partial);
        if (turned < 2 || turned > size || turned % 2 != 0) {
            throw config.wrong(PARTIAL, partial, "a part of the " + size + " elements of a head that is even");
        }
        double base = first(parameters, BASE)
                .orElse(isLocal && family.localRopeBase.isPresent()
                        ? family.localRopeBase.getAsInt()
                        : family.ropeBase);
        return new RopeSpec(turned, base, parameters.or(() -> config.part(SCALING)).map(this::scaling)
                .orElseGet(RopeScaling.Default::new), interleaved);
    }

    /** What the softmax of latent attention is multiplied by for long contexts. */
    double latentScale() {
        Optional<LanguageConfig> scaling = parameters(false).or(() -> config.part(SCALING));
        return scaling.filter(some -> type(some).equals("yarn"))
                .flatMap(some -> some.number(MSCALE_ALL).filter(mscale -> mscale != 0)
                        .map(mscale -> Math.pow(RopeScaling.Yarn.mscale(required(some, FACTOR), mscale), 2)))
                .orElse(1.0);
    }

    private Optional<LanguageConfig> parameters(boolean isLocal) {
        return config.part(PARAMETERS).map(all -> {
            if (Stream.of(Windows.FULL, Windows.SLIDING).noneMatch(all::has)) {
                return all;
            }
            String name = isLocal ? Windows.SLIDING : Windows.FULL;
            return all.part(name).orElseThrow(() -> all.wrong(name, "nothing", "the rope of its layers"));
        });
    }

    /** A field that may lie in two places, which must not contradict each other. */
    private Optional<Double> first(Optional<LanguageConfig> parameters, String name) {
        Optional<Double> inParameters = parameters.flatMap(some -> some.number(name));
        Optional<Double> above = config.number(name);
        if (inParameters.isPresent() && above.isPresent() && !inParameters.equals(above)) {
            throw config.wrong(name, above.get(), inParameters.get() + ", as in " + PARAMETERS);
        }
        return inParameters.or(() -> above);
    }

    private static String type(LanguageConfig scaling) {
        List<String> types = TYPE.stream().flatMap(name -> scaling.text(name).stream()).distinct().toList();
        if (types.size() > 1) {
            throw scaling.wrong(String.join(", ", TYPE), types, "one type");
        }
        return types.stream().findFirst().orElse("default");
    }

    private RopeScaling scaling(LanguageConfig scaling) {
        String type = type(scaling);
        if (!FIELDS.containsKey(type)) {
            throw scaling.wrong(TYPE.getFirst(), CheckpointException.quote(type),
                    "one of " + FIELDS.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        scaling.names().stream().filter(name -> !COMMON.contains(name) && !FIELDS.get(type).contains(name)).findFirst()
                .ifPresent(name -> {
                    throw scaling.wrong(name, "a field that is not known", "fields of the type " + type + ": "
                            + FIELDS.get(type).stream().sorted().collect(Collectors.joining(", ")));
                });
        return switch (type) {
            case "linear" -> new RopeScaling.Linear(required(scaling, FACTOR));
            case "llama3" -> new RopeScaling.Llama3(required(scaling, FACTOR), required(scaling, "low_freq_factor"),
                    required(scaling, "high_freq_factor"), (int) required(scaling, ORIGINAL));
            case "yarn" -> yarn(scaling);
            case "longrope" -> longRope(scaling);
            default -> new RopeScaling.Default();
        };
    }

    private RopeScaling yarn(LanguageConfig scaling) {
        double factor = required(scaling, FACTOR);
        return new RopeScaling.Yarn(factor, original(scaling), scaling.number("beta_fast").orElse(BETA_FAST),
                scaling.number("beta_slow").orElse(BETA_SLOW), scaling.bool("truncate").orElse(true),
                scaling.number(ATTENTION_FACTOR).orElseGet(() -> RopeScaling.Yarn.attentionFactor(factor,
                        optional(scaling, MSCALE), optional(scaling, MSCALE_ALL))));
    }

    /** Versions of transformers differ where {@code factor} is not the quotient of the two contexts, so it is refused. */
    private RopeScaling longRope(LanguageConfig scaling) {
        int original = original(scaling);
        double factor = positions() / (double) original;
        scaling.number(FACTOR).filter(said -> said != factor).ifPresent(said -> {
            throw scaling.wrong(FACTOR, said, factor + ", which is " + POSITIONS + " over " + ORIGINAL);
        });
        return new RopeScaling.LongRope(factors(scaling, "short_factor"), factors(scaling, "long_factor"), original,
                scaling.number(ATTENTION_FACTOR)
                        .orElseGet(() -> RopeScaling.LongRope.attentionFactor(factor, original)));
    }

    private static List<Double> factors(LanguageConfig scaling, String name) {
        return scaling.numbers(name).orElseThrow(() -> scaling.wrong(name, "nothing", "a divisor for each frequency"));
    }

    /** The context of pre-training, which some keep beside the scaling. */
    private int original(LanguageConfig scaling) {
        int found = scaling.integer(ORIGINAL).orElseGet(() -> config.integer(ORIGINAL).orElseGet(this::positions));
        if (found < 1) {
            throw scaling.wrong(ORIGINAL, found, "a positive number");
        }
        return found;
    }

    private int positions() {
        return config.integer(POSITIONS).orElseThrow(
                () -> config.wrong(POSITIONS, "nothing", "the longest context"));
    }

    private static double required(LanguageConfig scaling, String name) {
        return scaling.number(name).orElseThrow(() -> scaling.wrong(name, "nothing", "a number"));
    }

    private static OptionalDouble optional(LanguageConfig scaling, String name) {
        return scaling.number(name).map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }
}
